"""`make torture`: valid files of every kind, mutated by a seed, through ingestion; looks at what becomes of them.

For every file: no words of a library reach the user, the rows of the register add up, every refusal says why, rejected
rows name row and reason, a good file of the same drop is loaded as ever, the tables of the company are resolved or
refused in our own words, and no file takes longer, or more memory, than a file of its size may. Prints each finding
with the seed and the number that make it again, and keeps the file. Not a test: a night is 100,000 files. The tests try
a few hundred. The files are `torture_files`, the changes `torture_mutations`.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.torture_files import DROP, OF_MAILBOX, OF_REFERENCE, SUBSCRIPTIONS, valid_files
from benchmarks.torture_mutations import mutated
from pipelines.ingest.landing.files import REFERENCE_DROP, FileDamageError
from pipelines.ingest.load import load_landing
from pipelines.ingest.read.filled import read_filled
from pipelines.ingest.write.schema import ensure_schema
from pipelines.reference.known import ReferenceTableError
from pipelines.reference.predicate import PredicateError, ensure_predicate_schema, evaluate_predicates
from pipelines.reference.resolve import resolve_reference
from pipelines.reviews.decisions import Published, judge
from pipelines.reviews.dispositions import History
from pipelines.run.decided import filled

GOOD, GOOD_ROWS = "zz good.csv", SUBSCRIPTIONS.count("\n") - 1
# The files of a drop lie in a folder that may have a manifest of its own; the good one does not.
FOLDER = "delivered"
# Of one file: processor time, that of the reader of workbooks included, and memory beyond what was taken before, both
# beyond so much for each megabyte of it.
SECONDS, SECONDS_PER_MB = 10.0, 2.0
MEMORY, MEMORY_PER_BYTE = 1 << 30, 8
AT_ONCE = 50
MANIFEST = "exported_at: 2026-11-03T08:30:00Z\ntimezone: Europe/Berlin\ncomplete: yes\nfilters: {Team: all}\nteam: A\n"
WORDS = re.compile(
    r"\b(?!#)\w*(?:Error|Exception)\b|reading it failed|bad_cast|(?i:backtrace)|panicked|INTERNAL|codec can't|Errno|"
    r"<\w+ object|\b0x[0-9a-f]{8}"
)
MOMENT = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)

# (number, name, bytes, bytes of a manifest or None) of a file.
Made = tuple[int, str, bytes, bytes | None]


@dataclass(frozen=True)
class Finding:
    """What went wrong with a file, or with its drop."""

    number: int
    name: str
    what: str


def drops(count: int, seed: int) -> Iterator[list[Made]]:
    """The files of one drop after the other."""
    files = valid_files()
    names, others = sorted(files), [d for d in files.values() if d]
    made: list[Made] = []
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        name = names[number % len(names)]
        manifest = mutated(MANIFEST.encode(), [MANIFEST.encode()], rng) if rng.random() < 0.2 else None
        made.append((number, name, mutated(files[name], others, rng), manifest))
        if len(made) == AT_ONCE or number == count - 1:
            yield made
            made = []


def look(made: Sequence[Made], folder: Path) -> list[Finding]:
    """Load a drop of these files and a good one, and say what went wrong. What concerns the drop as a whole is looked
    for in one half of it and in the other.
    """
    found, whole = _loaded(made, folder)
    if whole and len(made) > 1:
        middle = len(made) // 2
        halves = [*look(made[:middle], folder), *look(made[middle:], folder)]
        return list(dict.fromkeys([*found, *(halves or whole)]))
    return found + whole


def _loaded(made: Sequence[Made], folder: Path) -> tuple[list[Finding], list[Finding]]:
    """(findings of files, findings of the drop) of one load."""
    landing = folder / "landing"
    shutil.rmtree(folder, ignore_errors=True)
    mailbox = _lay(made, landing)
    first, name = made[0][0], made[0][1] if len(made) == 1 else f"drop from {made[0][0]}"
    whole: list[Finding] = []
    size = sum(len(data) for _, _, data, _ in made)
    _forget_peak()
    begin, memory = _seconds(), _memory()
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set threads = 2")
        ensure_schema(con)
        try:
            load_landing(con, landing, [DROP], folder / "scratch")
            found = [*_of_files(con, made), *_of_mailbox(mailbox)]
            _resolve(con)
        except Exception as error:  # whatever it is, it is a finding
            return [], [Finding(first, name, f"{type(error).__name__}: {error}"[:400])]
        good = con.execute("select verdict, rows_loaded from raw.file_register where path = ?", [GOOD]).fetchall()
    if good != [("loaded", GOOD_ROWS)]:
        whole.append(Finding(first, name, f"the good file was not loaded as ever: {good}"))
    took, grown = _seconds() - begin, _memory() - memory
    if took > SECONDS + SECONDS_PER_MB * size / (1 << 20):
        whole.append(Finding(first, name, f"took {took:.0f} s of processor time"))
    if grown > MEMORY + MEMORY_PER_BYTE * size:
        whole.append(Finding(first, name, f"took {grown >> 20} MB of memory"))
    return found, whole


def _lay(made: Sequence[Made], landing: Path) -> list[tuple[int, str, Path]]:
    """Write the files where they belong; those of the mailbox are returned."""
    delivered, reference, mailbox = landing / DROP / FOLDER, landing / REFERENCE_DROP, landing / "decisions"
    for place in (delivered, reference, mailbox):
        place.mkdir(parents=True)
    (landing / DROP / GOOD).write_text(SUBSCRIPTIONS.replace("C1", "D1"))
    letters = []
    for number, name, data, manifest in made:
        place = mailbox if name.startswith(OF_MAILBOX) else delivered
        # A table of the company may lie in the drop too.
        if name.startswith(OF_REFERENCE) and number % 2:
            place = reference
        path = place / f"{number:06d} {name}"
        path.write_bytes(data)
        if place == mailbox:
            letters.append((number, name, path))
        elif manifest is not None:
            path.with_name(f"{path.name}.manifest.yml").write_bytes(manifest)
            (place / "_manifest.yml").write_bytes(manifest)
    return letters


def _of_files(con: duckdb.DuckDBPyConnection, made: Sequence[Made]) -> Iterator[Finding]:
    """What the register says of each file, and what is wrong with that."""
    rows = con.execute(
        "select path, verdict, rows_read, rows_loaded + rows_rejected + rows_duplicate, coalesce(message, ''), "
        "coalesce(incomplete_reason, '') from raw.file_register order by path"
    ).fetchall()
    said = con.execute(
        "select path, string_agg(reason, ' | '), "
        "count(*) filter (where row_number is null or coalesce(reason, '') = '') from raw.rejected_rows group by path "
        "union all select path, string_agg(reason, ' | '), "
        "count(*) filter (where column_name is null) from raw.unread_cell group by path order by all"
    ).fetchall()
    numbers = {number: name for number, name, _, _ in made}
    met = set()
    for path, verdict, read, accounted, message, incomplete in rows:
        own = re.match(rf"(?:{FOLDER}/)?([0-9]{{6}}) ", path)
        if own is None:
            continue
        number = int(own[1])
        met.add(number)
        if read != accounted:
            yield Finding(number, path, f"{read} rows read, {accounted} accounted for")
        if verdict not in ("loaded", "duplicate") and not message:
            yield Finding(number, path, f"{verdict}, and nothing says why")
        for text in (message, incomplete):
            if words := WORDS.search(text.replace(numbers[number], "")):
                yield Finding(number, path, f"words of a library: {words[0]}: {text[:300]}")
        if len(message) > 20_000:
            yield Finding(number, path, f"a message of {len(message)} characters")
    for path, reasons, nameless in said:
        own = re.match(rf"(?:{FOLDER}/)?([0-9]{{6}}) ", path)
        if own is not None and nameless:
            yield Finding(int(own[1]), path, f"{nameless} rejected rows or cells without row, column or reason")
        if own is not None and (words := WORDS.search(reasons or "")):
            yield Finding(int(own[1]), path, f"words of a library: {words[0]}: {reasons[:300]}")
    for number, name in numbers.items():
        if number not in met and not name.startswith(OF_MAILBOX):
            yield Finding(number, name, "it has no row of the register")


def _of_mailbox(letters: Sequence[tuple[int, str, Path]]) -> Iterator[Finding]:
    """What becomes of filled workbooks."""
    for (number, name, _), read in zip(letters, read_filled([p for _, _, p in letters]), strict=True):
        if isinstance(read, FileDamageError):
            if words := WORDS.search(str(read)):
                yield Finding(number, name, f"words of a library: {words[0]}: {read}"[:300])
        else:
            rows = filled(read).rows
            if len(judge(rows, Published({}), History([]), MOMENT).rows) != len(rows):
                yield Finding(number, name, "a row of it has no answer")


def _resolve(con: duckdb.DuckDBPyConnection) -> None:
    """Resolve the tables of the company, as a run does after loading; a refusal in our own words is none of its
    faults.
    """
    try:
        resolve_reference(con, [DROP])
        ensure_predicate_schema(con)
        evaluate_predicates(con, [DROP])
    except (ReferenceTableError, PredicateError) as error:
        if words := WORDS.search(str(error)):
            raise AssertionError(f"words of a library: {words[0]}: {error}") from error


def _seconds() -> float:
    """Processor time of this process and of the readers it waited for."""
    import resource

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _memory() -> int:
    """The most memory that this process had since `_forget_peak`, in bytes; 0 where the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*([0-9]+) kB", status.read_text()) if status.is_file() else None
    return int(found[1]) << 10 if found else 0


def _forget_peak() -> None:
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def main() -> int:
    """Mutate, load, look; exit code 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, default=Path("build/torture"), help="where files that find something are kept"
    )
    arguments = parser.parse_args()
    total = 0
    valid_files()
    begin = _seconds()
    with tempfile.TemporaryDirectory() as scratch:
        for made in drops(arguments.files, arguments.seed):
            for finding in look(made, Path(scratch) / "data"):
                total += 1
                print(f"seed {arguments.seed}, file {finding.number} ({finding.name}): {finding.what}", flush=True)
                arguments.keep.mkdir(parents=True, exist_ok=True)
                for number, name, data, manifest in made:
                    if number == finding.number:
                        (arguments.keep / f"{arguments.seed}-{number} {name}").write_bytes(data)
                        if manifest is not None:
                            (arguments.keep / f"{arguments.seed}-{number} {name}.manifest.yml").write_bytes(manifest)
    took = _seconds() - begin
    print(f"{arguments.files} files, {total} findings, {arguments.files / took:.1f} files a second of processor time")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
