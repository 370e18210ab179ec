"""What goes wrong with the files of a drop: inputs that are missing, cut, rejected in part, unread, unknown, hidden
or not joinable.

`python -m tests.oracle.spoilt FOLDER SEED NAME [NAME ...]` writes an invented landing zone and spoils one drop after
the other.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

from tests.oracle.invented import write
from tests.oracle.invented_writer import MONTHS

Cell = Callable[[int, dict[str, str]], str | None]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def put(path: Path, rows: list[dict[str, str]]) -> None:
    """Write them again."""
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def change(path: Path, column: str, cell: Cell) -> None:
    """Set a column where `cell` of row number and row says something."""
    rows = read(path)
    for n, row in enumerate(rows):
        said = cell(n, row)
        if said is not None:
            row[column] = said
    put(path, rows)


def cut(path: Path, share: float) -> None:
    """Keep the first part of the rows."""
    rows = read(path)
    put(path, rows[: int(len(rows) * share)])


def part(path: Path, share: float = 1) -> None:
    """Keep the first part of the rows and say that it is a part."""
    if share < 1:
        cut(path, share)
    Path(f"{path}.manifest.yml").write_text("complete: no\n")


def _every(text: str, every: int) -> Cell:
    return lambda n, row: text if n % every == every // 2 else None


def _renamed(column: str) -> Cell:
    return lambda n, row: row[column].replace("@corp.", "@other.") if n % 4 else None


def remove(*names: str) -> Callable[[Path], None]:
    """Take files away."""

    def spoil(drop: Path) -> None:
        for name in names:
            (drop / name).unlink()

    return spoil


def parts(**shares: float) -> Callable[[Path], None]:
    """Make files parts of themselves."""

    def spoil(drop: Path) -> None:
        for name, share in shares.items():
            part(drop / f"{name}.csv", share)

    return spoil


def short(*names: str) -> Callable[[Path], None]:
    """Keep less than half of files, without a word."""

    def spoil(drop: Path) -> None:
        for name in names:
            cut(drop / f"{name}.csv", 0.4)

    return spoil


def cells(**texts: tuple[str, str, int]) -> Callable[[Path], None]:
    """Write a text into a column of every so many rows: file = (column, text, every)."""

    def spoil(drop: Path) -> None:
        for name, (column, text, every) in texts.items():
            change(drop / f"{name}.csv", column, _every(text, every))

    return spoil


def not_joinable(drop: Path) -> None:
    """Directory and HR know most people by addresses of another company."""
    for name, columns in (("directory", ("user_principal_name", "mail", "other_addresses")), ("workers", ("email",))):
        for column in columns:
            change(drop / f"{name}.csv", column, _renamed(column))


SPOILS: dict[str, Callable[[Path], None]] = {
    "nothing": lambda drop: None,
    "no_hr": remove("workers.csv"),
    "no_directory": remove("directory.csv", "contractors.csv"),
    "no_a": remove("users.csv", "report.csv"),
    "users_alone": remove("report.csv", "usage.csv"),
    "report_alone": remove("users.csv", "groups.csv"),
    "stale": remove("usage.csv", "seat.csv", "tokens.csv", "lrt.ndjson", "report.csv"),
    "no_money": remove("subscriptions.csv", "packs.csv", "invoices.csv", "perpetual.csv"),
    "part_subscriptions": parts(subscriptions=1, contractors=0.5, perpetual=1),
    "part_directory": parts(directory=0.5),
    "part_hr": parts(workers=0.5),
    "part_report": parts(report=0.5),
    "part_tokens": parts(tokens=0.5),
    "part_usage": parts(usage=0.5, groups=0.5),
    "part_invoices": parts(invoices=0.5, users=0.5),
    "short_directory": short("directory", "subscriptions"),
    "short_hr": short("workers", "groups"),
    "short_users": short("users", "contractors"),
    "rejected": cells(
        workers=("employee_id", "1.10E+11", 40),
        directory=("account_enabled", "", 40),
        report=("seat_assignment", "perhaps", 40),
        users=("email", "", 40),
    ),
    "rejected_more": cells(
        contractors=("company", "", 21),
        usage=("day_used", "soon", 40),
        tokens=("tokens_used", "many", 40),
        subscriptions=("seat_quantity", "some", 25),
        perpetual=("seats", "2", 9),
    ),
    "unread": cells(
        report=("last_accessed", "soon", 12), workers=("leave_date", "soon", 12), directory=("leave_at", "soon", 9)
    ),
    "unread_more": cells(
        report=("assigned_date", "soon", 12),
        directory=("last_sign_in_at", "soon", 7),
        contractors=("end_date", "soon", 6),
        workers=("hire_date", "soon", 9),
    ),
    "unknown": cells(
        workers=("status", "Elsewhere", 9),
        directory=("account_enabled", "maybe", 9),
        users=("account_status", "odd", 9),
    ),
    "unknown_more": cells(
        subscriptions=("subscription_status", "odd", 4),
        contractors=("device_policy", "odd", 4),
        sso=("sso_enabled", "odd", 3),
    ),
    "hidden": cells(report=("email", "*****", 8)),
    "not_joinable": not_joinable,
}


def spoilt(landing: Path, seed: int, names: list[str]) -> None:
    """Write an invented landing zone; the first name spoils the first drop, and so on."""
    write(landing, seed)
    for month, name in zip(MONTHS, names, strict=False):
        SPOILS[name](landing / month)


if __name__ == "__main__":
    spoilt(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
