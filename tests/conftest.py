"""Fixtures shared by all tests: one demo estate, made and reviewed once per session by the command itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

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
    """Run the command as its users do, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT"))}
    done = subprocess.run(
        [str(COMMAND), "--data", str(data), *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=900,
        check=False,
    )
    return Reviewed(data, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """The demo estate of 400 persons over six months, reviewed. Tests read it; those that change it copy it first."""
    reviewed = selfaudit(
        tmp_path_factory.mktemp("demo") / "data", "demo", "--persons", "400", "--months", "6", "--seed", "7"
    )
    assert reviewed.exit_code == 0, reviewed.output
    return reviewed


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
