"""What a change costs after the months are made: nothing, a row that nobody reads, a decision, a price, a late file;
each followed by `selfaudit run`.

Holds the changes and their order. Each stands on the one before; a data folder that was changed is not measured again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from benchmarks.measure import COMMAND, Measured, measure


def append(path: Path, **cells: str) -> None:
    """Append a row to a CSV file, which is made with these columns where there is none."""
    rows = list(csv.DictReader(path.open(encoding="utf-8"))) if path.is_file() else []
    names = list(rows[0]) if rows else list(cells)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, {**dict.fromkeys(names, ""), **cells}])


def _nothing(data: Path, last: str) -> None:
    """No change."""


def _add_price(data: Path, offering: str, amount: int, valid_from: str) -> None:
    append(
        data / "landing" / "reference" / "prices.csv",
        offering_key=offering,
        basis="contract",
        amount=str(amount),
        currency="EUR",
        valid_from=valid_from,
    )


def _unread_price(data: Path, last: str) -> None:
    """The price of an offering that nobody has, uses or buys."""
    _add_price(data, "inventor_nobody_has", 1000, "2020-01-01")


def _unread_setting(data: Path, last: str) -> None:
    """A setting that no output shows."""
    append(data / "landing" / "reference" / "settings.csv", key="organisation", value="Firm")


def _decision(data: Path, last: str) -> None:
    """One finding of the last month accepted, within the month: a later decision is not seen in it."""
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
        found = con.execute(
            f"select min(finding_id) from calendar.findings where rule_id = 'USE-06' and review_month = '{last}'"
        ).fetchall()
    append(
        data / "landing" / "reference" / "dispositions.csv",
        finding_id=found[0][0],
        decided_at=f"{last}-20T08:00:00Z",
        decision="accepted",
        by="head",
        reason="stays",
    )


def _price(data: Path, last: str) -> None:
    """Another price of an offering from the last month on."""
    _add_price(data, "revit", 2650, f"{last}-01")


def _late_file(data: Path, last: str) -> None:
    """A second file of token use in the last drop, of one person."""
    path = data / "landing" / last / "tokens late.csv"
    header, first = (data / "landing" / last / "tokens.csv").read_text(encoding="utf-8").splitlines()[:2]
    path.write_text(f"{header}\n{last}-21{first[10:]}\n", encoding="utf-8")


CHANGES: dict[str, Callable[[Path, str], None]] = {
    "run again: nothing changed": _nothing,
    "run again: a price that nobody reads": _unread_price,
    "run again: a setting that nobody reads": _unread_setting,
    "run again: a decision": _decision,
    "run again: a price of the last month": _price,
    "run again: a late file of tokens": _late_file,
}


def measured(data: Path, last: str) -> Iterator[tuple[str, Measured]]:
    """Make one change after the other in a data folder whose months are published, and run. last: its last month."""
    for name, change in CHANGES.items():
        change(data, last)
        yield name, measure([COMMAND, "--data", str(data), "run"], data / "warehouse" / "scratch")
