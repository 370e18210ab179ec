"""Fixtures shared by all tests: one demo estate, made and reviewed once per session by the command itself."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import preloaded

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("selfaudit")


@dataclass(frozen=True)
class Reviewed:
    """A data folder that was reviewed, and what the command said and returned."""

    data: Path
    exit_code: int
    output: str

    @property
    def published(self) -> Path:
        return self.data / "published" / "selfaudit.duckdb"


def selfaudit(data: Path, *arguments: str) -> Reviewed:
    """Run the command in a process of its own, forked from one that has its libraries loaded (`tests/preloaded.py`)."""
    return Reviewed(data, *preloaded.run([str(COMMAND), "--data", str(data), *arguments], own_environment()))


def own_environment() -> dict[str, str]:
    """The environment without what configures the project and its libraries."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT"))}


def as_installed(data: Path, *arguments: str) -> Reviewed:
    """Run the command as its users do: the installed program, with nothing loaded before."""
    done = subprocess.run(
        [str(COMMAND), "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=own_environment(),
        timeout=900,
        check=False,
    )
    return Reviewed(data, done.returncode, done.stdout + done.stderr)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], str]) -> tuple[Path, str]:
    """A folder that is made once in a session, whichever process of the tests comes first, and what making it said;
    every process has a copy of its own.

    make: fills the folder that it is given, which does not exist yet.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = factory.mktemp(name) / name
        return folder, make(folder)
    shared = factory.getbasetemp().parent
    folder, said = shared / name, shared / f"{name}.json"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            shutil.rmtree(folder, ignore_errors=True)
            said.write_text(json.dumps(make(folder)))
    mine = Path(shutil.copytree(folder, factory.mktemp(name) / name, symlinks=True))
    return mine, json.loads(said.read_text()).replace(str(folder), str(mine))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """The demo estate of 400 persons over six months, reviewed. Tests read it; those that change it copy it first."""

    def make(data: Path) -> str:
        reviewed = as_installed(data, "demo", "--persons", "400", "--months", "6", "--seed", "7")
        assert reviewed.exit_code == 0, reviewed.output
        return reviewed.output

    data, output = once(tmp_path_factory, "demo", make)
    return Reviewed(data, 0, output)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """A demo estate of 100 persons over two months, reviewed, for tests that review it again. They copy what they
    change."""

    def make(data: Path) -> str:
        reviewed = selfaudit(data, "demo", "--persons", "100", "--months", "2", "--seed", "3")
        assert reviewed.exit_code in (0, 3), reviewed.output
        return reviewed.output

    data, output = once(tmp_path_factory, "small", make)
    return Reviewed(data, 3, output)


@pytest.fixture
def copied(demo: Reviewed, tmp_path: Path) -> Path:
    """The whole data folder of the demo, reviewed and published, to be changed by a test."""
    return Path(shutil.copytree(demo.data, tmp_path / "data", symlinks=True))


@pytest.fixture
def copied_landing(demo: Reviewed, tmp_path: Path) -> Path:
    """A data folder with a copy of the demo's landing zone and nothing else, to be changed by a test."""
    data = tmp_path / "data"
    shutil.copytree(demo.data / "landing", data / "landing")
    return data


# Longest first: with two processes, whichever ends first waits for the other. Files of a folder stay in order.
FOLDERS = ("integration", "dbt", "bi", "browser", "site", "oracle", "golden")
# Their files lie between those of the folders above, so that of two processes one makes the demo and one the small one.
BETWEEN = "fault"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders whose tests run whole commands come first."""
    tests = Path(__file__).parent
    files = list(dict.fromkeys(item.path for item in items))
    between = [f for f in files if f.relative_to(tests).parts[0] == BETWEEN]

    def place(path: Path) -> tuple[int, int]:
        folder = path.relative_to(tests).parts[0]
        return (FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS), files.index(path))

    order = sorted((f for f in files if f not in between), key=place)
    for number, path in enumerate(between):
        order.insert(min(2 * number, len(order)), path)
    items.sort(key=lambda item: order.index(item.path))
