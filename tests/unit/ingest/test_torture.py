"""Some of the files that `make torture` tries a hundred thousand of: nothing a file does ends a drop, takes it long, or
shows the words of a library.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import torture
from pipelines.ingest.recognise import recognised

# Others than those of `make torture`, which begins at seed 1; a few of every kind.
SEED, FILES = 20261130, 100


def test_mutated_files_of_every_kind_are_named_accounted_for_and_leave_the_others_alone(tmp_path: Path):
    found = [f for made in torture.drops(FILES, SEED) for f in torture.look(made, tmp_path / "data")]
    assert found == []


def test_valid_files_of_every_kind_are_loaded(tmp_path: Path):
    made = [(n, name, data, None) for n, (name, data) in enumerate(torture.valid_files().items())]
    assert torture.look(made, tmp_path / "data") == []


def test_a_reader_that_fails_and_rows_that_are_lost_are_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def text(self, path, *rest):
        if "users" in path:
            raise KeyError(path)
        return real(self, path, *rest)

    real = recognised._Recogniser._text
    monkeypatch.setattr(recognised._Recogniser, "_text", text)
    made = [(0, "users.csv", torture.USERS.encode(), None), (1, "usage.csv", torture.USAGE.encode(), None)]
    assert [(f.number, "KeyError" in f.what) for f in torture.look(made, tmp_path / "data")] == [(0, True)]
