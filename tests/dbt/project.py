"""dbt on a copy of a warehouse, as the tests of models call it: the project is parsed once for all of them, and of an
edited one only what was edited.

Holds no test. Where a run itself calls dbt is `pipelines/run/dbt_call.py`.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests import preloaded
from tests.conftest import ROOT, own_environment

PROJECT = ROOT / "dbt_project"
WAREHOUSE = "selfaudit.duckdb"
PARSED = PROJECT / "target" / "tests"
# Relative to where dbt works: dbt parses anew what it parsed under another profile.
PROFILE = {
    "SELFAUDIT_WAREHOUSE": WAREHOUSE,
    "SELFAUDIT_MEMORY_LIMIT": "1GB",
    "SELFAUDIT_SCRATCH": "scratch",
    "DO_NOT_TRACK": "1",
}


def dbt(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run dbt in a folder with a warehouse of the name WAREHOUSE, and keep its artefacts in `target` there. Exit
    code and what it said."""
    target = folder / "target"
    if not target.exists():
        target.mkdir()
        for path in _parsed():
            shutil.copy(path, target)
    return _dbt(folder, target, *arguments)


def at_once(folder: Path, *arguments: str) -> int:
    """The same for a person who waits: one process, which says what it does. Its exit code."""
    PARSED.mkdir(parents=True, exist_ok=True)
    with _alone():
        return subprocess.run(
            _command(PARSED, arguments), cwd=folder, env=own_environment() | PROFILE, check=False
        ).returncode


def _command(target: Path, arguments: Sequence[str]) -> list[str]:
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--project-dir", str(PROJECT)]
    command += ["--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(target / "logs")]
    return [*command, "--no-use-colors"]


def _dbt(folder: Path, target: Path, *arguments: str) -> tuple[int, str]:
    return preloaded.run(_command(target, arguments), own_environment() | PROFILE, folder)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time works in PARSED."""
    with (PARSED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _parsed() -> list[Path]:
    """What dbt makes of the project, up to date; the next session goes on with it."""
    PARSED.mkdir(parents=True, exist_ok=True)
    with _alone():
        code, said = _dbt(PARSED, PARSED, "parse")
        assert code == 0, said[-4000:]
    return [PARSED / name for name in ("manifest.json", "partial_parse.msgpack")]
