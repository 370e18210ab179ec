"""Errors of the system and of DuckDB in words: where, what stands, what to do; and which of them end a whole run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.errors import (
    UserError,
    first_cause,
    in_words,
    is_of_surroundings,
    of_error,
    of_surroundings,
    refusal,
    root_in_one_line,
    step_failed,
)
from pipelines.settings import Settings

DATA = Path("/firm/data")
SETTINGS = Settings(data=DATA, memory_limit="1GB", memory_source="")


def chained(*errors: BaseException) -> BaseException:
    """The first error, each caused by the one after it."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[Errno 28] No space left on device: '/firm/data/x'", "The disk is full (/firm/data/x)."),
        ("could not write: disk is full", "The disk is full. Free some space"),
        ("[Errno 30] Read-only file system: '/firm/data/published'", "/firm/data/published is read-only."),
        ("Read-only file system", "A folder below /firm/data is read-only."),
        ("[Errno 18] Invalid cross-device link: '/a' -> '/b'", "/a lies on another volume than /firm/data/warehouse"),
        ("IO Error: not a valid DuckDB database file", "/firm/data/warehouse/selfaudit.duckdb is damaged"),
        ('Could not set lock on file "/firm/other.duckdb"', "/firm/other.duckdb is open in another program."),
        ("[Errno 13] Permission denied: '/firm/data/landing'", "/firm/data/landing cannot be read or written: permi"),
        ("[Errno 5] Input/output error: '/firm/data/x'", "/firm/data/x cannot be read or written: the device"),
        ("storage version number 99", None),
        ("trying to read a database file with version number 99", "was written by a newer DuckDB"),
        ("Conversion Error: 'x' is no number", None),
    ],
)
def test_a_fault_is_said_with_its_place(text: str, said: str | None):
    found = in_words(text, SETTINGS)
    assert found is None if said is None else found is not None and said in found


def test_an_error_that_nobody_expected_is_one_line_with_its_kind():
    assert of_error(ValueError("first\nsecond"), SETTINGS) == "ValueError: first"
    assert of_error(KeyError(), SETTINGS) == "KeyError: KeyError"
    assert of_error(UserError("row 3: expected a day\nsee docs"), SETTINGS) == "row 3: expected a day\nsee docs"
    assert of_error(OSError(2, "No such", "/firm/x"), SETTINGS) == "FileNotFoundError: [Errno 2] No such: '/firm/x'"
    assert of_error(PermissionError(13, "Permission denied", "/firm/x"), SETTINGS).startswith("/firm/x cannot be read")


@pytest.mark.parametrize(
    ("error", "of_machine"),
    [
        ("No space left on device", True),
        ("Conversion Error", False),
        (MemoryError(), True),
        (ValueError("x"), False),
        (chained(ValueError("of a model"), OSError(28, "No space left on device")), True),
        (chained(ValueError("of a model"), KeyError("x"), OSError(5, "Input/output error")), True),
        (OSError(2, "No such file or directory"), False),
    ],
)
def test_what_is_wrong_with_the_machine_is_found_behind_the_error_that_it_caused(error: object, of_machine: bool):
    assert is_of_surroundings(error) is of_machine


def test_the_error_that_began_it_is_named():
    error = chained(RuntimeError("last"), KeyError("between"), UserError("first\nmore"))
    assert root_in_one_line(error) == "UserError: first"
    assert first_cause(error) == "pipelines.errors.UserError: first\nmore"
    assert root_in_one_line(ValueError()) == "ValueError"
    assert first_cause(ValueError("x")) == "ValueError: x"
    assert step_failed("publish", first_cause(error)) == "step publish failed: first\nmore"
    assert step_failed("publish", "ValueError: x ") == "step publish failed: ValueError: x"
    assert OSError in of_surroundings()


def test_a_run_that_can_write_everywhere_begins_and_leaves_no_probe(tmp_path: Path):
    assert refusal(Settings(data=tmp_path, memory_limit="1GB", memory_source="")) is None
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("folder", ["published", "state", "warehouse"])
def test_a_run_is_refused_before_it_begins_where_a_folder_cannot_be_written(tmp_path: Path, folder: str):
    (tmp_path / folder).write_text("a file in the place of the folder")
    assert folder in (refusal(Settings(data=tmp_path, memory_limit="1GB", memory_source="")) or "")


def test_a_run_is_refused_where_a_folder_of_the_landing_zone_cannot_be_read(tmp_path: Path, monkeypatch):
    (tmp_path / "landing" / "2026-10" / "hr").mkdir(parents=True)
    (tmp_path / "landing" / "2026-10" / "hr.csv").write_text("x")
    settings = Settings(data=tmp_path, memory_limit="1GB", memory_source="")
    assert refusal(settings) is None
    # As the system answers for a user without the right; whoever runs the tests may have it everywhere.
    monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith("hr"))
    assert (refusal(settings) or "").startswith(f"{tmp_path}/landing/2026-10/hr cannot be read or written: permission")
