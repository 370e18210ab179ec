"""What is worth saying: from plain facts and a day to alerts. Pure; reads nothing and sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.alerts.alert import Alert, Item
from pipelines.reviews.activities import Contract
from pipelines.reviews.overdue import absent_months, overdue_provisional_months, overdue_reviews

# Kinds that `due_alerts` judges in full: what it does not name any more is over and may be said again when it comes
# back.
JUDGED = ("not_made", "absent_month", "overdue_review", "provisional", "expiry_cliff", "tokens")


@dataclass(frozen=True)
class Facts:
    """What is published, and which drops there are.

    reviews: rows of calendar.review_calendar of every month. contracts: of the latest month. states: month → state of
    its figures. cliffs: open ENT-05 rows of the latest month (team_alias, offering_key, cliff_date, excess). pools:
    rows of its token forecast (team_alias, adequacy, exhaustion_date, term_end). not_made: (month, kind, name, why) of
    what the latest run of a month could not make.
    """

    drops: Sequence[str] = ()
    reviews: Sequence[Mapping[str, object]] = ()
    contracts: Sequence[Contract] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    cliffs: Sequence[Mapping[str, object]] = ()
    pools: Sequence[Mapping[str, object]] = ()
    not_made: Sequence[tuple[str, str, str, str]] = ()


def due_alerts(facts: Facts, today: date) -> list[Alert]:
    """Everything that is worth saying on a day, said before or not, in a fixed order of kinds; kinds without an item
    are left out.
    """
    found = {
        "not_made": _not_made(facts.not_made),
        "absent_month": [
            Item(_key("absent_month", a.month), f"{a.month} ({a.why})") for a in absent_months(facts.drops, today)
        ],
        "overdue_review": [
            Item(
                _key("overdue_review", r.activity, r.period, r.contract_number),
                f"{r.activity} of {r.period}, due {r.due_on}, {r.why}",
                f"contract {r.contract_number}" if r.contract_number else "",
            )
            for r in overdue_reviews(facts.reviews, facts.contracts, today)
        ],
        "provisional": [Item(_key("provisional", m), m) for m in overdue_provisional_months(facts.states, today)],
        "expiry_cliff": [
            _cliff(c) for c in facts.cliffs if isinstance(c["cliff_date"], date) and c["cliff_date"] >= today
        ],
        "tokens": [_pool(p) for p in facts.pools if p["adequacy"] in {"short", "tight"}],
    }
    return [Alert(kind, tuple(found[kind])) for kind in JUDGED if found[kind]]


def _not_made(found: Sequence[tuple[str, str, str, str]]) -> list[Item]:
    """One item per month: how many things of each kind; with names, which and why."""
    items = []
    for month in sorted({m for m, _, _, _ in found}):
        mine = [(kind, name, why) for m, kind, name, why in found if m == month]
        counts = {kind: sum(1 for k, _, _ in mine if k == kind) for kind in dict.fromkeys(k for k, _, _ in mine)}
        text = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in counts.items())
        names = "; ".join(dict.fromkeys(why for _, _, why in mine))
        key = _key("not_made", month, *(f"{kind} {name}" for kind, name, _ in mine))
        items.append(Item(key, f"{month} was made only in part: {text} not made", names))
    return items


def _cliff(row: Mapping[str, object]) -> Item:
    people = int(float(str(row["excess"] or 0)))
    return Item(
        _key("expiry_cliff", str(row["team_alias"]), str(row["offering_key"]), str(row["cliff_date"])),
        f"on {row['cliff_date']} subscriptions end under {people} assigned seat{'' if people == 1 else 's'}",
        f"{row['offering_key']}, {row['team_alias']}",
    )


def _pool(row: Mapping[str, object]) -> Item:
    ends = f"the tokens end on {row['exhaustion_date']}" if row["exhaustion_date"] else "the end of the tokens is near"
    return Item(
        _key("tokens", str(row["team_alias"]), str(row["adequacy"]), str(row["term_end"])),
        f"{row['adequacy']}: {ends} at today's pace, the term on {row['term_end']}",
        f"pool {row['team_alias']}",
    )


def failed_run(months: Sequence[str], message: str, today: date) -> Alert:
    """A run that failed, said once a day while it does. message: its cause; it may name files and values, so it counts
    as names.
    """
    span = "" if not months else f"{months[0]} to {months[-1]}" if len(months) > 1 else months[0]
    return Alert(
        "failed_run",
        (
            Item(
                _key("failed_run", today.isoformat(), span, message),
                f"the review of {span or 'the landing zone'} failed on {today}",
                message.strip(),
            ),
        ),
    )


def a_test(moment: str) -> Alert:
    """An alert that says nothing, to see whether the channels work."""
    return Alert("test", (Item(_key("test", moment), f"sent at {moment}"),))


def _key(kind: str, *parts: str) -> str:
    """Kind and a hash: the memory of what was said holds no names."""
    digest = hashlib.sha256("\0".join(parts).encode())
    return f"{kind}:{digest.hexdigest()[:16]}"
