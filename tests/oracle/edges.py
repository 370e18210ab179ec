"""What an invented estate never holds by chance: values exactly at the limits of the rules, persons with several
accounts or none, teams that hide, collections in collections, an offering renamed in the month, amounts of fifteen
digits, files that another file of the drop corrects, people and reference rows that change from month to month.

`python -m tests.oracle.edges FOLDER SEED [NAME ...]` writes an invented landing zone with these edges, all of them if
none is named, `parameters` only where it is. Each edge adds rows to the files of the drops; none takes any away. Holds
their names; the edges are in the files beside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.oracle.edges_changes import dated_reference, moved
from tests.oracle.edges_limits import limits, pools
from tests.oracle.edges_people import accounts, hashes
from tests.oracle.edges_reference import decisions, other_parameters, reference
from tests.oracle.edges_rights import collections, corrected, money, network, old, untidy
from tests.oracle.invented import write
from tests.oracle.invented_writer import MONTHS, last_day

EDGES: dict[str, Callable[[Path, date], None]] = {
    "hashes": hashes,
    "accounts": accounts,
    "limits": limits,
    "pools": pools,
    "collections": collections,
    "money": money,
    "network": network,
    "old": old,
    "corrected": corrected,
    "untidy": untidy,
    "moved": moved,
}


def edged(landing: Path, seed: int, names: list[str]) -> None:
    """Write an invented landing zone with edges of these names, or with all."""
    write(landing, seed)
    reference(landing / "reference")
    if "parameters" in names:
        other_parameters(landing / "reference")
    if "moved" in names or not names:
        dated_reference(landing / "reference")
    for month in MONTHS:
        for name, edge in EDGES.items():
            if name in names or not names:
                edge(landing / month, last_day(month))
    if "decisions" in names or not names:
        decisions(landing, seed)


if __name__ == "__main__":
    edged(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
