"""Checks the landing zone for unattended operation: which months to request, or why none now. Called by the sensor and
the schedules.

Based on content, never on modification times: a drop is accepted when two consecutive checks find the same bytes under
the same names. Independent of Dagster and the clock; `pipelines/run/due.py` determines which months a change affects.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.errors import UserError
from pipelines.ingest.landing.files import drops_with_files, holds_files, list_drops
from pipelines.ingest.landing.fingerprints import (
    changed_drops,
    drop_fingerprints,
    loaded_drops,
    months_started,
    settled_months,
)
from pipelines.ingest.write.schema import to_look
from pipelines.partitions import as_of, shift
from pipelines.reviews.activities import Contract, is_quarter_end, pre_renewal_reviews
from pipelines.run import models, object_store
from pipelines.run import months as run_months
from pipelines.run.batches import TooLittleDiskError
from pipelines.run.dbt_call import project_fingerprint
from pipelines.run.due import all_months, months_due
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, connect_file, connect_to_look, while_nobody_writes

# Suffixes of files that a program is still copying or downloading.
UNFINISHED = re.compile(
    r"\.(part|partial|crdownload|download|filepart|tmp)$|^~\$|^\.~lock\.|^\..+\.[A-Za-z0-9]{6}$", re.IGNORECASE
)


@dataclass(frozen=True)
class Look:
    """Result of a check. months: to be made, in order (empty: see reason). key: identifies the state behind the answer
    (months, files, rules). seen: drop → fingerprint, for the next check. batches: the months as consecutive runs that
    fit the memory limit and the disk.
    """

    months: list[str]
    reason: str
    key: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    batches: list[tuple[str, ...]] = field(default_factory=list)


def look(
    settings: Settings, before: Mapping[str, str], last_month: str, present: Mapping[str, str] | None = None
) -> Look:
    """What the landing zone requires to be made, once it no longer changes.

    before: `seen` of the previous check. last_month: the latest month that may be made; drops of later months wait.
    present: the current fingerprints, if the caller has them. Nothing is requested while any drop is changing: a run
    reads every drop, not only those that triggered it.
    """
    if present is None and (hindrance := _bring_in(settings)):
        return Look([], hindrance, seen=dict(before))
    if not settings.landing.is_dir():
        return Look([], f"there is no landing zone at {settings.landing}")
    seen = dict(drop_fingerprints(settings.landing) if present is None else present)
    changing = sorted(d for d in seen if before.get(d) != seen[d])
    if changing:
        return Look(
            [],
            f"{', '.join(changing)}: new or still changing since the last check; requested when two checks agree",
            seen=seen,
        )
    unfinished = unfinished_files(settings.landing, seen)
    if unfinished:
        return Look(
            [], f"{unfinished[0]} looks unfinished by its name; waiting until it is complete or gone", seen=seen
        )
    try:
        months, batches = _due(settings, seen, last_month)
    except TooLittleDiskError as error:
        return Look([], f"{error} Nothing is requested until more is free", seen=seen)
    except BusyError as error:
        return Look([], f"{error}; the next check is after it", seen=seen)
    if not months:
        waiting = [d for d in list_drops(settings.landing) if d > last_month]
        more = f"; {', '.join(waiting)} waits for the end of its month" if waiting else ""
        return Look([], f"nothing is new or changed since the last run{more}", seen=seen)
    return Look(months, "", _key(months, seen), seen, batches)


def _bring_in(settings: Settings) -> str:
    """Import the landing zone if it is in an object store. Returns why that failed, or ''."""
    try:
        object_store.bring_in_if_free(settings)
    except (BusyError, UserError) as error:
        return f"{error}; looking again later"
    return ""


def due_now(settings: Settings, drops: Sequence[str], present: Mapping[str, str] | None = None) -> list[str]:
    """Months that must be made because of the landing zone: what `selfaudit run` makes and the sensor requests. Reads
    the warehouse and changes nothing; the caller ensures that nothing writes it meanwhile.

    drops: those that may be made. present: the fingerprints of the landing zone, if the caller has them.
    """
    done = run_months.months_done(settings)
    frozen = run_months.frozen_months(settings)
    # An empty prepared folder waits for its files; one emptied after its month was made has changed.
    drops = [d for d in drops if d not in frozen and (d in done or holds_files(settings.landing / d))]
    done = [d for d in done if d not in frozen]
    if done and models.rules_changed(settings):
        return all_months(drops, done)
    with connect_to_look(settings) as warehouse, to_look(warehouse) as connection:
        reach = max((run_months.restate_months(connection, d) for d in drops), default=0)
        here = drop_fingerprints(settings.landing) if present is None else present
        changed = changed_drops(connection, settings.landing, here)
        loaded = loaded_drops(connection, here)
        settled = {d: months for d, months in settled_months(connection).items() if d in loaded}
        begun = months_started(connection) & loaded
    return months_due(drops, [d for d in changed if d not in begun], done, reach, settled, begun)


def _due(settings: Settings, seen: Mapping[str, str], last_month: str) -> tuple[list[str], list[tuple[str, ...]]]:
    with while_nobody_writes(settings):
        months = due_now(settings, [d for d in list_drops(settings.landing) if d <= last_month], seen)
        batches = run_months.expected_batches(settings, months)
        # A history cannot mix months made by different rules: a Dagster run makes all of them or none.
        return months, [] if models.rules_changed(settings) else [b.months for b in batches]


def _key(months: Sequence[str], seen: Mapping[str, str]) -> str:
    text = "\n".join([project_fingerprint(), *months, *(f"{d} {f}" for d, f in sorted(seen.items()))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def unfinished_files(landing: Path, drops: Iterable[str]) -> list[str]:
    """Files (as drop/path) whose names indicate that they are still being copied or downloaded, in order."""
    return sorted(
        p.relative_to(landing).as_posix()
        for drop in drops
        for p in (landing / drop).rglob("*")
        if UNFINISHED.search(p.name) and p.is_file()
    )


def contracts(settings: Settings) -> list[Contract]:
    """The contracts with a renewal date in the latest published month, by number; empty before a publication."""
    if not settings.published_database.is_file():
        return []
    connection = connect_file(settings.published_database)
    try:
        rows = connection.execute(
            "select contract_number, renewal_date from marts.dim_contract where renewal_date is not null "
            "qualify review_month = max(review_month) over () order by 1, 2"
        ).fetchall()
    finally:
        connection.close()
    return [Contract(number, renewal) for number, renewal in rows]


def cared_for(cadence: str, last_month: str, owned: Sequence[Contract]) -> list[str]:
    """Months that a schedule covers: the last one (monthly), those of the last quarter (quarterly), those of
    pre-renewal reviews (pre_renewal).
    """
    if cadence == "monthly":
        return [last_month]
    if cadence == "quarterly":
        end = next(m for m in (shift(last_month, -i) for i in range(3)) if is_quarter_end(m))
        return [shift(end, -2), shift(end, -1), end]
    return sorted({r.period for r in pre_renewal_reviews(owned) if r.period <= last_month})


def scheduled(settings: Settings, cadence: str, last_month: str, today: date, pause: Callable[[], None]) -> Look:
    """What a schedule requests on a day: all due months, if one that it covers is among them; else nothing, with the
    reason.

    A month that is made and whose files are unchanged is not made again: the result would be the same. pause: waits
    between the two checks that a new drop needs.
    """
    if hindrance := _bring_in(settings):
        return Look([], hindrance)
    if not settings.landing.is_dir():
        return Look([], f"there is no landing zone at {settings.landing}")
    owned = contracts(settings)
    cared = cared_for(cadence, last_month, owned)
    first = drop_fingerprints(settings.landing)
    found = look(settings, first, last_month, first)
    if found.months:
        pause()
        found = look(settings, first, last_month)
    if set(cared) & set(found.months):
        return found
    there = drops_with_files(settings.landing)
    missing = [m for m in cared if m not in there and m >= min(there, default=m)]
    reasons = [f"no drop of {', '.join(missing)} is there"] if missing else []
    if not found.months and not found.reason.startswith("nothing"):
        reasons.append(found.reason)
    elif cadence == "pre_renewal":
        reasons.append(_next_renewal(owned, last_month, today))
    elif not missing:
        reasons.append(
            f"{', '.join(cared)}: already made, and the files are unchanged; making it again would give the same result"
        )
    return Look([], "; ".join(reasons), seen=found.seen)


def _next_renewal(owned: Sequence[Contract], last_month: str, today: date) -> str:
    """A sentence: months up to last_month are made, and which one comes next."""
    coming = [r for r in pre_renewal_reviews(owned) if r.period > last_month and r.due_on >= today]
    text = f"every pre-renewal review up to {last_month} that has a drop is made"
    if not coming:
        return f"{text}; no contract has a further one"
    first = coming[0]
    text += f"; next {first.output} of contract {first.contract_number}: month {first.period}, due {first.due_on}"
    if first.due_on <= as_of(first.period):
        text += f" (before its month ends: `selfaudit run {first.period}` makes it early)"
    return text
