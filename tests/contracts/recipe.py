"""The recipes of README.md, tried: a copy of what they change, their steps, and what disagrees after them.

A step is a function that changes files below a folder. Holds no step and no expectation.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.conftest import ROOT

Step = Callable[[Path], None]


def copied(folder: Path, parts: Iterable[str]) -> Path:
    """These files and folders of the project, below another folder."""
    for part in parts:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "target"))
        else:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, folder / part)
    return folder


def after(
    copy: Path,
    folder: Path,
    steps: Sequence[Step],
    disagreements: Callable[[Path], list[str]],
    without: Step | None = None,
) -> list[str]:
    """What disagrees in a copy of `copy` after the steps, or after all but one."""
    root = Path(shutil.copytree(copy, folder))
    for step in steps:
        if step is not without:
            step(root)
    return disagreements(root)


def replaced(path: Path, before: str, new: str) -> None:
    """Put one text in the place of another, where it stands first."""
    text = path.read_text(encoding="utf-8")
    assert before in text, (path, before)
    path.write_text(text.replace(before, new, 1), encoding="utf-8")


def appended(path: Path, line: str) -> None:
    """Add a line at the end."""
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")


def page_of(title: str) -> str:
    """README.md from a heading on, in one line."""
    return re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8").partition(title)[2])
