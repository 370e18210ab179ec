"""Which months are to be made: from the drops, what changed in them, and what was made before. One answer for the
command and for the daemon.

Pure: names of drops and months come in, months go out. Reads no file and no clock; what a month is,
`pipelines/partitions.py` knows.
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
    """Months that the landing zone needs made, in order; empty where the publication is unchanged.

    drops: names of the drops, in order. changed: those whose content is new or differs from what is loaded, or
    `reference`. done: months that have results. reach: how many months before a drop its late rows may restate
    (`restate_months`). A standing reference table touches every month; a changed drop its month, those after it, and
    those before it within reach. settled: of a changed drop, months that are published with it already. begun: months
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
    """Months that a run over `wanted` makes: those, months before them that were never made, months that their drops
    restate, and what lies between.
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
    """Months to make where the rules changed: all that have results, and those wanted. Months of different rules cannot
    stand in one history.
    """
    known = [*done, *wanted]
    return months_between(min(known), max(known))


def stretches(months: Sequence[str]) -> list[tuple[str, str]]:
    """The months as stretches without a gap, (first, last) each: one run can make one stretch."""
    found: list[tuple[str, str]] = []
    for month in sorted(set(months)):
        if found and shift(found[-1][1], 1) == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


def months_left(wanted: Sequence[str], begun: Mapping[str, bool]) -> list[str]:
    """Of the months wanted those that a run in batches over the same months, ended before its end, did not publish; all
    of them where it was of other months.

    begun: the months of that run, and whether each is published.
    """
    left = [m for m in wanted if not begun.get(m)]
    return left if left and set(begun) == set(wanted) else list(wanted)
