"""`python -m benchmarks.edits --times 20`: random edits of the files of a reviewed data folder, with a run after each;
what is published must be that of one run over the edited files.

Holds the edits, and what an edit that is refused means. Compared is as in `arrival`. Only what depends on an edit is
made again (docs/decisions/0031), so this finds a dependency that is missed. Files that are no plain CSV are left as
they are.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.arrival import differences
from benchmarks.kill import command

# The company's own tables are edited far more often than exports that were delivered.
REFERENCE_SHARE = 0.6
# Larger files are events; one row of them is as good as one of any other.
MOST_BYTES = 2 << 20
# Two random values of these do not make a setting.
UNTOUCHED = {"settings.csv"}


def edit(landing: Path, chance: random.Random) -> tuple[Path, bytes, str]:
    """Edit one file. Returns its path, its former bytes, and what was done."""
    files = sorted(p for p in landing.rglob("*.csv") if p.stat().st_size < MOST_BYTES and p.name not in UNTOUCHED)
    own = [p for p in files if p.is_relative_to(landing / "reference")]
    path = chance.choice(own if chance.random() < REFERENCE_SHARE else [p for p in files if p not in own])
    before = path.read_bytes()
    name = path.relative_to(landing)
    try:
        rows = list(csv.reader(io.StringIO(before.decode("utf-8"), newline=""), delimiter=","))
    except UnicodeDecodeError:
        rows = []
    if len(rows) < 3 or len(rows[0]) < 2:
        path.unlink()
        return path, before, f"{name} removed"
    row, other = chance.sample(range(1, len(rows)), 2)
    column = chance.randrange(len(rows[0]))
    now = rows[row][column : column + 1]
    values = sorted({r[column] for r in rows[1:] if len(r) > column} - {*now, ""})
    kind = chance.choice(("delete", "cell", "cell", "copy", "empty") if values else ("delete", "copy"))
    if kind == "delete":
        said = f"{name}: row {row} deleted: {rows.pop(row)}"
    elif kind == "copy":
        rows.append([*rows[row][:column], *rows[other][column : column + 1], *rows[row][column + 1 :]])
        said = f"{name}: row appended: {rows[-1]}"
    else:
        value = "" if kind == "empty" else chance.choice(values)
        said = f"{name}: row {row}, {rows[0][column]}: {now} becomes '{value}'"
        rows[row][column : column + 1] = [value]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path, before, said


def main() -> None:
    """Make the estate, edit it step by step, and compare now and then; prints one line each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edits")
    parser.add_argument("--times", type=int, default=20, help="comparisons (20)")
    parser.add_argument("--edits", type=int, default=3, help="edits before each comparison, each with a run (3)")
    parser.add_argument("--persons", type=int, default=100)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        data, bad = Path(folder) / "edited", 0
        command(data, "demo", "--persons", str(arguments.persons), "--months", str(arguments.months))
        for number in range(1, arguments.times + 1):
            for _ in range(arguments.edits):
                start = time.perf_counter()
                path, before, said = edit(data / "landing", chance)
                done = command(data, "run")
                if done.returncode not in (0, 3):
                    # A table of the company that contradicts itself is refused; the edit is taken back.
                    path.write_bytes(before)
                    said += f" (refused: {done.stderr.strip().splitlines()[-1][:200]})"
                print(f"  {time.perf_counter() - start:5.0f} s  {said}", flush=True)
            again = Path(folder) / "again"
            shutil.copytree(data / "landing", again / "landing")
            command(again, "run")
            found = differences(again, data)
            bad += bool(found)
            print(f"{number:>3}: {'; '.join(found) or 'the same publications'}", flush=True)
            shutil.rmtree(again)
        print(f"{arguments.times - bad} of {arguments.times} as they should be")


if __name__ == "__main__":
    main()
