"""A copy of the project in which a mistake is planted, and the tests that are run there. Holds no mistake."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

COPIED = ("pipelines", "dbt_project", "expectations", "tests", "benchmarks", "docs", "pyproject.toml", "README.md")
DBT = "dbt"


@dataclass(frozen=True)
class Mutation:
    """One mistake. file: path in the project; before and after: text that stands once in it, and what is planted.

    tests: a test file of pytest, or `dbt` for the unit tests of `models`, of which the file is one.
    """

    what: str
    file: str
    before: str
    after: str
    tests: str
    models: tuple[str, ...] = ()

    def planted_in(self, text: str) -> str:
        """The file with the mistake. Raises ValueError where the text does not stand in it exactly once."""
        if text.count(self.before) != 1:
            raise ValueError(f"{self.file}: {self.before!r} stands {text.count(self.before)} times in it, not once")
        return text.replace(self.before, self.after)


def copy_project(folder: Path) -> Path:
    """A copy of what the tests need."""
    leave_out = shutil.ignore_patterns("__pycache__", "cases")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave_out, symlinks=True)
        else:
            shutil.copy(source, folder / name)
    return folder


@contextmanager
def planted(project: Path, mutation: Mutation) -> Iterator[None]:
    """The mistake is in the copy."""
    file = project / mutation.file
    former = file.read_text(encoding="utf-8")
    file.write_text(mutation.planted_in(former), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(former, encoding="utf-8")


def _environment(project: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}


def red_in_pytest(project: Path, tests: str) -> str:
    """The first test that is red, '' if none is."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-m", "", "-p", "no:cacheprovider", tests],
        cwd=project, env=_environment(project), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.M)
    return found[1].rpartition("/")[2] if found else ("" if done.returncode == 0 else f"{tests} does not run")
