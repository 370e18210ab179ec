"""A copy of the project in which a mistake is planted, and the tests that are run there. Holds no mistake."""

from __future__ import annotations

import compileall
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import preloaded
from tests.conftest import ROOT, own_environment

COPIED = ("pipelines", "dbt_project", "expectations", "tests", "benchmarks", "docs", "pyproject.toml", "README.md")
DBT = ("dbt",)
# Whole reviews are not asked: they see much, and cost half a minute each.
ASKED = "not slow and not thorough"
# In a process with the libraries loaded: what it has of this project goes, so that pytest finds the copy.
IN_THE_COPY = """
import os, sys
sys.dont_write_bytecode = True
for name in [n for n in sys.modules if n.partition(".")[0] in ("tests", "pipelines")]:
    del sys.modules[name]
sys.path.insert(0, os.getcwd())
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Mutation:
    """One mistake. file: path in the project; before and after: text that stands once in it, and what is planted.

    tests: test files of pytest, or `dbt` for the unit tests of `models`, of which the file is one.
    """

    what: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
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
    for name in ("pipelines", "tests"):
        compileall.compile_dir(folder / name, quiet=1)
    return folder


@contextmanager
def planted(project: Path, mutation: Mutation) -> Iterator[None]:
    """The mistake is in the copy."""
    file = project / mutation.file
    former, times = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(mutation.planted_in(former), encoding="utf-8")
    # Compiled modules are known by time and size: neither may be that of the file without the mistake.
    os.utime(file, (times.st_atime, times.st_mtime + 60))
    try:
        yield
    finally:
        file.write_text(former, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def red_in_pytest(project: Path, tests: tuple[str, ...]) -> str:
    """The first test that is red, '' if none is. A run that does not end within minutes is red."""
    options = ["-x", "-q", "-m", ASKED, "-p", "no:cacheprovider"]
    try:
        code, said = preloaded.run(["-c", IN_THE_COPY, *options, *tests], own_environment(), project, 300)
    except TimeoutError:
        return f"{' '.join(tests)} does not end"
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.M)
    return found[1].rpartition("/")[2] if found else ("" if code == 0 else f"{' '.join(tests)} does not run")
