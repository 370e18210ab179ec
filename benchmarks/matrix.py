"""`python -m benchmarks matrix`: estates of several sizes, each reviewed by the product and by the peers, one whole
process each; growth from size to size.

Holds sizes, the table and its file in results/. Every combination of persons, rows, months and repeats is one estate.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise, product
from pathlib import Path

from benchmarks import cases, changes
from benchmarks.compare import compare_all
from benchmarks.estate import MONTH, write_estate
from benchmarks.measure import Measured, measure, size_mb
from pipelines.partitions import shift

RESULTS = Path(__file__).parent / "results"
PEERS = ("handwritten", "polars", "pandas")
HEAD = [
    "persons",
    "rows",
    "months",
    "repeat",
    "what",
    "exit",
    "CPU s",
    "wall s",
    "peak MB",
    "scratch MB",
    "CPU µs a row",
    "selfaudit is",
]


@dataclass(frozen=True)
class Size:
    """An estate. rows: event rows over all drops as the files tell them; repeat: months before its own that a drop's
    exports tell again.
    """

    persons: int
    rows: int
    months: int
    repeat: int
    use_share: float = 0.5

    @property
    def drops(self) -> list[str]:
        """The months that have a drop."""
        return [shift(MONTH, n - self.months + 1) for n in range(self.months)]

    def write(self, landing: Path) -> None:
        """Write the estate. Use is at most one row for every second day of a person; telemetry has the rest."""
        most = int(0.5 * 30.4 * self.persons * self.months * (self.repeat + 1))
        use = min(int(self.rows * self.use_share), most)
        write_estate(landing, self.persons, use, self.rows - use, self.months, self.repeat)

    def cells(self) -> list[str]:
        """As the first cells of a row."""
        return [f"{self.persons:,}", f"{self.rows:,}", str(self.months), str(self.repeat)]


def size_arguments_of(parser: argparse.ArgumentParser, many: str | None) -> None:
    """Declare the arguments that say a size; many: '+' where each may have several values."""
    parser.add_argument("--persons", type=int, nargs=many, default=[400] if many else 400)
    parser.add_argument(
        "--rows", type=int, nargs=many, default=[100_000] if many else 100_000, help="event rows over all drops"
    )
    parser.add_argument(
        "--months", type=int, nargs=many, default=[1] if many else 1, help="drops, the last of them 2026-10"
    )
    parser.add_argument(
        "--repeat",
        type=int,
        nargs=many,
        default=[1] if many else 1,
        help="earlier months that each drop tells again: 0, 1 or 11",
    )
    parser.add_argument(
        "--use-share", type=float, default=0.5, help="share of the event rows that are use, not telemetry"
    )


def arguments_of(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    size_arguments_of(parser, "+")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=["handwritten"])
    parser.add_argument("--workbooks", action="store_true", help="the hand-written peer once more, with workbooks")
    parser.add_argument("--parts", action="store_true", help="limit (c) and ingestion alone too")
    parser.add_argument(
        "--further",
        action="store_true",
        help="of several months: the last one alone after a backfill of the others, and alone without them",
    )
    parser.add_argument(
        "--changes", action="store_true", help="then a decision, a price, a late file, rows that nobody reads"
    )
    parser.add_argument(
        "--compare", action="store_true", help="compare findings key by key; ends with 1 if any differs"
    )
    parser.add_argument(
        "--fixed",
        action="store_true",
        help=f"the same months of {cases.FEW} persons too: what months cost without data",
    )
    parser.add_argument("--no-product", action="store_true", help="peers only")
    parser.add_argument("--limit", default="default", help="SELFAUDIT_MEMORY_LIMIT of the product")
    parser.add_argument(
        "--keep", type=Path, default=None, help="folder for the estates, kept and used again (default: temporary)"
    )
    parser.add_argument("--name", default="", help="write the table to benchmarks/results/<version>-<name>.md")
    parser.add_argument("--steps", action="store_true", help="show the progress of the product's runs")
    parser.set_defaults(work=main)


def estate_arguments_of(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the program that only writes an estate."""
    size_arguments_of(parser, None)
    parser.add_argument("landing", type=Path, help="landing zone to write")
    parser.set_defaults(work=write)


def write(arguments: argparse.Namespace) -> int:
    """Write one estate."""
    Size(arguments.persons, arguments.rows, arguments.months, arguments.repeat, arguments.use_share).write(
        arguments.landing
    )
    return 0


class Table:
    """The rows of a matrix as Markdown, printed as they come; remembers CPU for growth."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.cpu: dict[str, list[tuple[Size, float]]] = {}
        self.fixed: dict[Size, float] = {}
        self.say("| " + " | ".join(HEAD) + " |", "| " + " | ".join("---" for _ in HEAD) + " |")

    def say(self, *lines: str) -> None:
        """Add and print lines."""
        self.lines += lines
        print("\n".join(lines), flush=True)

    def add(self, size: Size, what: str, found: Measured, whole: float | None) -> None:
        """A row. whole: CPU seconds of the product on the same estate."""
        share = f"{whole / found.cpu:.1f} x" if whole and found.cpu else ""
        if share and size in self.fixed and whole:
            share += f" ({(whole - self.fixed[size]) / found.cpu:.1f} x)"
        numbers = [str(found.code), f"{found.cpu:.1f}", f"{found.wall:.1f}", str(found.peak_mb), str(found.scratch_mb)]
        self.say("| " + " | ".join([*size.cells(), what, *numbers, f"{found.cpu / size.rows * 1e6:.2f}", share]) + " |")
        if found.is_done:
            self.cpu.setdefault(what, []).append((size, found.cpu))

    def growth(self) -> list[str]:
        """From size to size: how many times the rows, and the CPU seconds."""
        lines = ["| what | from | to | rows | persons x months | CPU |", "| --- | --- | --- | --- | --- | --- |"]
        for what, found in self.cpu.items():
            for (a, before), (b, after) in pairwise(found):
                spread = b.persons * b.months / (a.persons * a.months)
                names = [" / ".join(s.cells()) for s in (a, b)]
                lines.append(
                    f"| {what} | {names[0]} | {names[1]} | {b.rows / a.rows:.1f} x | {spread:.1f} x | "
                    f"{after / max(before, 0.01):.2f} x |"
                )
        return lines if len(lines) > 2 else []


def _product(size: Size, data: Path, table: Table, arguments: argparse.Namespace) -> float:
    """Measure the product on an estate; CPU seconds of the review of all months."""
    if arguments.fixed:
        few = data.parent / f"{data.name}-few"
        if not (few / "landing").is_dir():
            Size(cases.FEW, cases.FEW * 50 * size.months, size.months, size.repeat).write(few / "landing")
        cases.empty(few)
        found = measure(cases.review(few, size.drops), few / "warehouse" / "scratch")
        table.add(size, f"the same months of {cases.FEW} persons", found, None)
        table.fixed[size] = found.cpu
        cases.empty(few)
    if arguments.parts:
        for what, command in (
            ("limit (c): read, write Parquet", cases.limit(data)),
            ("ingestion alone", cases.ingestion(data, size.drops)),
        ):
            cases.empty(data)
            table.add(size, what, measure(command, data / "warehouse" / "scratch", arguments.limit), None)
    if arguments.further and size.months > 1:
        for what, drops in (
            (f"month {size.months} alone, without history", []),
            (f"month {size.months} after a backfill of {size.months - 1}", size.drops[:-1]),
        ):
            _further(size, data, table, what, drops, arguments)
    cases.empty(data)
    found = measure(cases.review(data, size.drops), data / "warehouse" / "scratch", arguments.limit)
    table.add(size, "selfaudit", found, None)
    if arguments.steps:
        table.say("", *(f"    [{seconds:7.1f} s] {text}" for seconds, text in found.lines), "")
    if not found.is_done:
        table.say("", *(f"    {line}" for line in found.tail.splitlines()), "")
    return found.cpu


def _further(size: Size, data: Path, table: Table, what: str, drops: list[str], arguments: argparse.Namespace) -> None:
    """Measure a further month: the last one, where `drops` have been reviewed before it came. The landing zone is
    linked, so that the last drop can come later.
    """
    other = data.parent / f"{data.name}-further"
    shutil.rmtree(other, ignore_errors=True)
    (other / "landing").mkdir(parents=True)
    for name in ["reference", *drops]:
        shutil.copytree(data / "landing" / name, other / "landing" / name, copy_function=os.link)
    if drops:
        made = measure(cases.review(other, drops), None, arguments.limit)
        assert made.is_done, made.tail
    shutil.copytree(data / "landing" / size.drops[-1], other / "landing" / size.drops[-1], copy_function=os.link)
    table.add(
        size,
        what,
        measure(cases.review(other, size.drops[-1:]), other / "warehouse" / "scratch", arguments.limit),
        None,
    )
    shutil.rmtree(other)


def _changes(size: Size, data: Path, table: Table) -> None:
    """Measure changes on a copy of the landing zone beside what was made of it; afterwards nothing is made of the data
    folder.
    """
    kept = data / "landing-before"
    shutil.copytree(data / "landing", kept, copy_function=os.link)
    # The linked files must not be written into: those that change are taken apart first.
    shutil.rmtree(data / "landing" / "reference")
    shutil.copytree(kept / "reference", data / "landing" / "reference")
    for what, found in changes.measured(data, size.drops[-1]):
        table.add(size, what, found, None)
    shutil.rmtree(data / "landing")
    kept.rename(data / "landing")
    cases.empty(data)


def _sizes(arguments: argparse.Namespace) -> Iterable[Size]:
    for persons, rows, months, repeat in product(arguments.persons, arguments.rows, arguments.months, arguments.repeat):
        yield Size(persons, rows, months, repeat, arguments.use_share)


def main(arguments: argparse.Namespace) -> int:
    """Make every estate, measure, print and perhaps save; 1 if findings differ."""
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        table, notes = Table(), []
        for size in _sizes(arguments):
            name = f"{size.persons}-{size.rows}-{size.months}-{size.repeat}"
            data = (arguments.keep or Path(folder)) / name
            if not (data / "landing").is_dir():
                size.write(data / "landing")
            whole = None if arguments.no_product else _product(size, data, table, arguments)
            for peer in arguments.peers:
                if arguments.workbooks and peer == "handwritten":
                    found = measure(cases.peer(peer, data, workbooks=True))
                    table.add(size, f"{peer}, with workbooks", found, whole)
                found = measure(cases.peer(peer, data))
                table.add(size, peer, found, whole)
                if not found.is_done:
                    table.say("", *(f"    {line}" for line in found.tail.splitlines()), "")
                elif arguments.compare:
                    published, made = data / "published" / "selfaudit.duckdb", cases.publication(peer, data)
                    differs, text = compare_all(published, made, peer)
                    differences += differs
                    notes.append(f"{' / '.join(size.cells())}, {peer}, {text}")
            if arguments.changes and not arguments.no_product:
                _changes(size, data, table)
            notes.append(f"{' / '.join(size.cells())}: {size_mb(data / 'landing'):,} MB of files")
            if not arguments.keep:
                shutil.rmtree(data)
        growth = table.growth()
        if growth:
            table.say("", *growth)
        table.say("", *notes)
    if arguments.name:
        RESULTS.mkdir(exist_ok=True)
        title = f"# {arguments.name}, selfaudit {version('selfaudit')}"
        head = [
            title,
            "",
            f"{os.cpu_count()} cores. One run each, whole processes; sizes: persons / rows / months / repeat.",
            "",
        ]
        (RESULTS / f"{version('selfaudit')}-{arguments.name}.md").write_text(
            "\n".join([*head, *table.lines]) + "\n", encoding="utf-8"
        )
    return 1 if differences else 0
