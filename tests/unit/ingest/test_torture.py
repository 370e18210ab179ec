"""Some of the files that `make torture` tries a hundred thousand of: nothing a file does ends a drop, takes it long, or
shows the words of a library.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import torture
from benchmarks.torture_files import USAGE, USERS, valid_files
from pipelines.contracts import INPUTS, REFERENCE
from pipelines.ingest.recognise import recognised

# Others than those of `make torture`, which begins at seed 1; a few of every kind.
SEED, FILES = 20261130, 100


def test_mutated_files_of_every_kind_are_named_accounted_for_and_leave_the_others_alone(tmp_path: Path):
    found = [f for made in torture.drops(FILES, SEED) for f in torture.look(made, tmp_path / "data")]
    assert found == []


def test_there_is_a_valid_file_of_every_input_and_table_and_all_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = [(n, name, data, None) for n, (name, data) in enumerate(valid_files().items())]
    met: set[str] = set()

    def looked_at(con, files):
        met.update(n for (n,) in con.execute("select input from raw.file_register where verdict = 'loaded'").fetchall())
        return real(con, files)

    real = torture._of_files
    monkeypatch.setattr(torture, "_of_files", looked_at)
    assert torture.look(made, tmp_path / "data") == []
    assert {*INPUTS, *REFERENCE} <= met


@pytest.mark.parametrize(("limit", "said"), [("SECONDS", "processor time"), ("MEMORY", "of memory")])
def test_a_file_that_takes_longer_or_more_memory_than_it_may_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, said: str
):
    monkeypatch.setattr(torture, limit, -(1 << 40))
    (found,) = torture.look([(0, "users.csv", USERS.encode(), None)], tmp_path / "data")
    assert said in found.what


def test_a_reader_that_fails_and_rows_that_are_lost_are_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def text(self, path, *rest):
        if "users" in path:
            raise KeyError(path)
        return real(self, path, *rest)

    real = recognised._Recogniser._text
    monkeypatch.setattr(recognised._Recogniser, "_text", text)
    made = [(0, "users.csv", USERS.encode(), None), (1, "usage.csv", USAGE.encode(), None)]
    assert [(f.number, "KeyError" in f.what) for f in torture.look(made, tmp_path / "data")] == [(0, True)]
