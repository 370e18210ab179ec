"""Sign-offs of reviews: everything was signed on the day it was due, but for one review that nobody signed and one that
was signed after the end of the month in which it was due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipelines.demo.estate import CONTRACTS
from pipelines.demo.terms import contract_end
from pipelines.demo.world import World
from pipelines.partitions import as_of, shift

UNSIGNED, LATE, IN_TIME = "usage_right_sizing", "flex_token_consumption", "user_activity_audit"


def plant(world: World) -> None:
    """Sign what was due by the end of the last month, and say what is late in which month."""
    last, before = shift(world.last, -1), shift(world.last, -2)
    for activity, period, due_on in _reviews(world):
        signed: date | None = due_on
        note = "signed on the day it was due"
        if (activity, period) == (UNSIGNED, last):
            signed, note = None, "never signed"
        elif (activity, period) == (LATE, before):
            signed, note = as_of(last) + timedelta(days=3), "signed after the end of the month in which it was due"
        if signed and due_on < as_of(world.last):
            world.sign_offs.append((activity, period, signed))
        if (activity, period) in {(UNSIGNED, last), (LATE, before), (IN_TIME, last)}:
            late = [m for m in world.months if due_on < as_of(m) and (signed is None or as_of(m) < signed)]
            kind = "violation" if late else "near_miss"
            world.plant("CAL-01", kind, note, scope=f"{activity} {period}", months=late or None)


def _reviews(world: World) -> Iterator[tuple[str, str, date]]:
    """(activity, period, day by which it is due) of the reviews of every month, and of those before a renewal."""
    for month in world.months:
        after = as_of(month) + timedelta(days=1)
        for activity in (IN_TIME, "assignment_vs_entitlement", LATE, UNSIGNED):
            yield activity, month, after.replace(day=10)
        if month[5:] in {"03", "06", "09", "12"}:
            for activity in ("sso_group_mapping", "admin_privilege"):
                yield activity, month, after.replace(day=15)
    for team in CONTRACTS:
        end = contract_end(world, team)
        due_on = end - timedelta(days=90)
        yield "lrt_pre_audit", f"{end - timedelta(days=120):%Y-%m}", due_on
        yield "entitlement_vs_billing", shift(f"{due_on:%Y-%m}", -1), due_on
