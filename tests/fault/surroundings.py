"""Surroundings of a run for the tests of faults: mounts, an ordinary user, a process in which something happens at a
chosen moment, and what stands after it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import preloaded
from tests.conftest import COMMAND, ROOT, Reviewed, own_environment

# What a run makes anew with the same bytes; the DuckDB file has other bytes each time, so it counts only where nothing
# may have been written.
STABLE = {".parquet", ".csv", ".xlsx", ".html", ".ics"}


def files(data: Path, kinds: set[str] | None = None) -> dict[str, str]:
    """SHA-256 of the published files by path; kinds: endings that count, all if None."""
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((data / "published").rglob("*"))
        if p.is_file() and (kinds is None or p.suffix in kinds)
    }


@dataclass(frozen=True)
class Estate:
    """base: published, and then a price changed. former: its published files. wanted: those of an undisturbed run,
    without the DuckDB file.
    """

    base: Path
    former: dict[str, str]
    wanted: dict[str, str]

    def copy(self, data: Path) -> Path:
        """The estate in a folder of its own."""
        shutil.copytree(self.base, data, dirs_exist_ok=True)
        return data

    def stands(self, data: Path) -> bool:
        """Whether the previous publication is there, file by file, and nothing else but copies of previous versions."""
        now = files(data)
        added = {k for k in now.keys() - self.former.keys() if not k.startswith("published/versions/")}
        return not added and all(now.get(k) == v for k, v in self.former.items())

    def is_right(self, data: Path) -> bool:
        """Whether the published files are those of an undisturbed run."""
        return files(data, STABLE) == self.wanted


def refused(done: Reviewed, *words: str) -> None:
    """The command failed with one line that holds the words, and with no stack trace."""
    assert done.exit_code == 1, done.output[-2000:]
    assert "Traceback" not in done.output, done.output[-2000:]
    said = [line for line in done.output.splitlines() if line.startswith("selfaudit: ")]
    assert len(said) == 1, done.output[-2000:]
    for word in words:
        assert word in said[0], said[0]


def with_moment(data: Path, script: str, *arguments: str) -> Reviewed:
    """Run the command in a process in which `script` was executed before: it can wrap functions of the project."""
    code = (
        f"import sys\nfrom pathlib import Path\ndata = Path({str(data)!r})\n{script}\nfrom pipelines.cli import "
        "main\nsys.exit(main(['--data', str(data), *sys.argv[1:]]))"
    )
    return Reviewed(data, *preloaded.run(["-c", code, *arguments], own_environment()))


def _mount(*arguments: str) -> str:
    """Empty if it could be mounted, else why not."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "only root can mount"
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    return done.stderr.strip()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """The folder is a disk of that size. Skips the test where nothing can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    if problem := _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)):
        pytest.skip(f"a small disk cannot be mounted here: {problem}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def grow(folder: Path, megabytes: int) -> None:
    """Give a small disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder cannot be written, not even by root. Skips the test where nothing can be mounted."""
    if problem := _mount("--bind", str(folder), str(folder)):
        pytest.skip(f"a read-only folder cannot be mounted here: {problem}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def without_privileges(data: Path, *arguments: str) -> Reviewed:
    """Run the command so that permissions bind, for root too. Skips where that cannot be."""
    command = [str(COMMAND), "--data", str(data), *arguments]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("permissions do not bind root, and setpriv is not there to take that away")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=own_environment(), timeout=900, check=False
    )
    return Reviewed(data, done.returncode, done.stdout + done.stderr)
