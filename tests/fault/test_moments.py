"""Things that happen in the middle of a run: a file that vanishes or changes, a full disk, a kill, a second run, a
clock that was set back.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import COMMAND, ROOT, selfaudit
from tests.fault.surroundings import Estate, files, grow, refused, small_disk, with_moment

pytestmark = pytest.mark.slow

WHILE_READING = """
from pipelines.ingest import load
real = load._judged_one_by_one
def read(drop, *rest):
    path = next(p for p in sorted((data / 'landing' / '2026-10').rglob('*')) if p.name == 'users.csv')
    before = {before}
    if drop.name == '2026-10' and before:
        {happens}
    found = real(drop, *rest)
    if drop.name == '2026-10' and not before:
        {happens}
    return found
load._judged_one_by_one = read
"""
KILL = """
import os, signal
from pipelines.publish import {module}, {others}
from pipelines.run import publishing

real, calls = {module}.{function}, [0]
def wrapped(*arguments, **named):
    calls[0] += 1
    if calls[0] == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **named)
for where in ({module}, publishing, {others}):
    if getattr(where, '{function}', None) is real:
        setattr(where, '{function}', wrapped)
"""


@pytest.fixture
def data(estate: Estate, tmp_path: Path) -> Path:
    return estate.copy(tmp_path / "data")


# What happens to a file, whether before it is read (and after it was listed) or after, and how it is called.
MOVES = [
    ("path.unlink()", True, "vanished"),
    ("path.write_bytes(path.read_bytes() + b'x')", True, "changed"),
    ("path.write_bytes(path.read_bytes()[:-2])", False, "changed"),
]


def _files_that_move(estate: Estate, data: Path) -> None:
    """A file that moves while it is read stops the run, and the former publication stands."""
    note = data / "landing" / "2026-10" / "note.txt"
    # The drop is read again: something in it is new.
    note.write_text("a note that is no export\n")
    (path,) = (data / "landing" / "2026-10").rglob("users.csv")
    whole = path.read_bytes()
    for happens, before, word in MOVES:
        done = with_moment(data, WHILE_READING.format(happens=happens, before=before), "run")
        refused(done, "2026-10/", "users.csv", word, "run the same command again")
        assert estate.stands(data), happens
        path.write_bytes(whole)
    note.unlink()


# The run is told that there is room, as where another process takes it a minute later.
NOT_FORESEEN = """
from pipelines.resources import machine
machine.free_disk = lambda folder: 10**15
"""


@pytest.mark.thorough
def test_a_full_disk_is_said_and_with_room_again_the_run_is_right(estate: Estate, tmp_path: Path):
    taken = sum(p.stat().st_size for p in estate.base.rglob("*") if p.is_file()) >> 20
    data = tmp_path / "disk"
    with small_disk(data, taken + taken // 4 + 64):
        estate.copy(data)
        for spare, script in ((n, s) for n in (2, 40) for s in ("", NOT_FORESEEN)):
            used = os.statvfs(data)
            grow(data, ((used.f_blocks - used.f_bfree) * used.f_frsize >> 20) + spare)
            done = with_moment(data, script, "run")
            if spare > 2 and done.exit_code in (0, 3):
                break  # so much was enough
            refused(done, "The disk is full", "Free some space", "previous publication is unchanged")
            assert estate.stands(data), (script, spare)
        grow(data, taken * 4 + 512)
        done = selfaudit(data, "run")
        assert done.exit_code in (0, 3), done.output
        assert estate.is_right(data)


FULL_WHILE_PUBLISHING = """
import errno, os
from pipelines.report import pages
def full(content, target, scratch):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
pages._write = full
"""


def _a_disk_that_is_full_while_publishing(estate: Estate, data: Path) -> None:
    """Every file is put back."""
    refused(with_moment(data, FULL_WHILE_PUBLISHING, "run"), "The disk is full", "published/pages")
    assert estate.stands(data)


@pytest.mark.thorough
def test_files_that_move_and_a_disk_that_is_full_leave_what_stood_and_the_run_after_them_is_right(
    estate: Estate, data: Path
):
    for happens in (_files_that_move, _a_disk_that_is_full_while_publishing):
        happens(estate, data)
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)


# In the middle of the partitions of a run, and in the middle of the packs of the one after it.
KILLS = [("datasets", "write_partition", "versions", 11), ("packs", "write_pack", "datasets", 2)]


@pytest.mark.thorough
def test_kills_while_publishing_leave_whole_files_and_the_next_run_is_right(estate: Estate, data: Path):
    for module, function, others, call in KILLS:
        script = KILL.format(module=module, function=function, others=others, call=call)
        assert with_moment(data, script, "run").exit_code == -9, function
        with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
            assert con.execute("select count(*) > 0 from calendar.findings").fetchall() == [(True,)]
            for path in (data / "published").rglob("*.parquet"):
                con.execute(f"select count(*) from '{path}'").fetchall()
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)
    assert selfaudit(data, "verify").exit_code == 0


def test_two_runs_at_once_wait_for_each_other_and_both_end_well(estate: Estate, data: Path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT"))}
    runs = []
    for _ in range(2):
        runs.append(
            subprocess.Popen(
                [str(COMMAND), "--data", str(data), "run"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=ROOT,
                env=environment,
            )
        )
        # Until the first one has begun: which of the two it is does not matter.
        time.sleep(0.2)
    said = [run.communicate(timeout=900)[0] for run in runs]
    assert [run.returncode in (0, 3) for run in runs] == [True, True], said
    assert sum("waiting for it to end" in text for text in said) == 1, said
    assert sum("Nothing is new or changed" in text for text in said) == 1, said
    assert estate.is_right(data)


@pytest.mark.thorough
def test_a_clock_that_was_set_back_changes_nothing(estate: Estate, data: Path):
    later = time.time() + 3 * 365 * 86400
    for path in sorted(data.rglob("*")):
        os.utime(path, (later, later))
    done = with_moment(data, "import time\nreal = time.time\ntime.time = lambda: real() - 20 * 365 * 86400", "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)
    again = selfaudit(data, "run")
    assert again.exit_code == 0 and "Nothing is new or changed" in again.output, again.output
    assert files(data)
