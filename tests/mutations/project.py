"""A copy of the project in which a mistake is planted, and the tests that are run there. Holds no mistake."""

from __future__ import annotations

import json
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

    tests: a test file of pytest, or `dbt` for the unit tests of `models`.
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
def planted(project: Path, *mutations: Mutation) -> Iterator[None]:
    """The mistakes stand in the copy, at most one in a file."""
    former = {m.file: (project / m.file).read_text(encoding="utf-8") for m in mutations}
    assert len(former) == len(mutations), "two mistakes in one file"
    for m in mutations:
        (project / m.file).write_text(m.planted_in(former[m.file]), encoding="utf-8")
    try:
        yield
    finally:
        for file, text in former.items():
            (project / file).write_text(text, encoding="utf-8")


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


def red_in_dbt(project: Path, folder: Path, models: set[str]) -> dict[str, str]:
    """Model to the first of its unit tests that is red. folder: holds a warehouse with the tables of every model."""
    chosen = " ".join(f"{m},test_type:unit" for m in sorted(models))
    code = f"import sys; from pathlib import Path; from tests.dbt.project import at_once; sys.exit(at_once(Path({str(folder)!r}), '--quiet', 'test', '--select', *{chosen!r}.split()))"  # noqa: E501
    results = project / "dbt_project" / "target" / "tests" / "run_results.json"
    results.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project, env=_environment(project), capture_output=True, text=True, timeout=3600, check=False,
    )  # fmt: skip
    if not results.is_file():
        raise RuntimeError(f"dbt did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    red: dict[str, str] = {}
    for result in json.loads(results.read_text())["results"]:
        _, _, model, name = result["unique_id"].split(".")
        if result["status"] != "pass":
            red.setdefault(model, name)
    return red
