"""Which months are to be made, from the drops, their changes, and what was made before. The same answer for the command
and the daemon.

Pure: takes names of drops and months, returns months. Reads no file and no clock; `pipelines/partitions.py` defines
what a month is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from pipelines.partitions import months_between, months_to_run, shift

REFERENCE_DROP = "reference"


def months_due(
    drops: Sequence[str],
    changed: Collection[str],
    done: Collection[str],
    reach: int,
    settled: Mapping[str, Collection[str]] | None = None,
    begun: Collection[str] = (),
) -> list[str]:
    """Months that must be made because of the landing zone, in order; empty if the publication is up to date.

    drops: names of the drops, in order. changed: those whose content is new or differs from what is loaded, or
    `reference`. done: months that have results. reach: how many months before a drop its late rows may restate
    (`restate_months`). A standing reference table affects every month; a changed drop its month, those after it, and
    those before it within reach. settled: per changed drop, months that are already published with it. begun: months
    that a run was to make again and did not publish.
    """
    if not drops:
        return []
    needed = (set(drops) - set(done)) | (set(drops) & set(begun))
    for drop in changed:
        if drop == REFERENCE_DROP:
            touched = set(drops)
        elif drop in drops:
            touched = {m for m in drops if m >= drop} | ({shift(drop, -k) for k in range(1, reach + 1)} & set(done))
        else:
            continue
        needed |= touched - set((settled or {}).get(drop, ()))
    return months_between(min(needed), drops[-1]) if needed else []


def months_asked_for(
    wanted: Sequence[str], drops: Sequence[str], done: Sequence[str], restated: Collection[str]
) -> list[str]:
    """Months that a run over `wanted` makes: those, earlier months that were never made, months that their drops
    restate, and the months in between.
    """
    needed = sorted({*months_to_run(wanted, drops, done), *restated})
    return months_between(needed[0], needed[-1])


def months_to_come(wanted: Sequence[str], drops: Collection[str], today: date) -> list[str]:
    """Of the months that are asked for those that are not over on a day, and come after every drop: nothing can be
    known about them yet.
    """
    over = shift(f"{today:%Y-%m}", -1)
    return [m for m in wanted if m > max([over, *drops])]


def all_months(wanted: Sequence[str], done: Sequence[str]) -> list[str]:
    """Months to make if the rules changed: all that have results, and those wanted. A history cannot mix months made by
    different rules.
    """
    known = [*done, *wanted]
    return months_between(min(known), max(known))


def stretches(months: Sequence[str]) -> list[tuple[str, str]]:
    """The months as ranges without gaps, (first, last) each: one run can make one range."""
    found: list[tuple[str, str]] = []
    for month in sorted(set(months)):
        if found and shift(found[-1][1], 1) == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


def months_left(wanted: Sequence[str], begun: Mapping[str, bool]) -> list[str]:
    """The wanted months that an interrupted run in batches over the same months did not publish; all of them if that
    run had other months.

    begun: the months of that run, and whether each is published.
    """
    left = [m for m in wanted if not begun.get(m)]
    return left if left and set(begun) == set(wanted) else list(wanted)
