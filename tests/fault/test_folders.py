"""Folders that cannot be written or read: refused before any work, in one line, with the previous publication as it
was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Reviewed, selfaudit
from tests.fault.surroundings import Estate, read_only, refused, without_privileges


@pytest.fixture(scope="module")
def data(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all refusals: none of them may leave a trace, and the run at the end shows that none did."""
    return estate.copy(tmp_path_factory.mktemp("folders") / "data")


@pytest.mark.parametrize("name", ["published", "warehouse", "state"])
def test_a_folder_that_is_read_only_is_named_and_nothing_is_touched(estate: Estate, data: Path, name: str):
    with read_only(data / name):
        refused(
            selfaudit(data, "run"),
            str(data / name),
            "read-only" if name != "published" else "",
            "previous publication is unchanged",
        )
    assert estate.stands(data)


def test_a_landing_zone_that_is_read_only_is_enough(estate: Estate, data: Path):
    before = {p: p.stat().st_mtime_ns for p in (data / "landing").rglob("*")}
    with read_only(data / "landing"):
        assert selfaudit(data, "status").exit_code == 0
        done = selfaudit(data, "run", "--help")
    assert done.exit_code == 0
    assert before == {p: p.stat().st_mtime_ns for p in (data / "landing").rglob("*")}


def test_a_drop_that_cannot_be_read_is_no_empty_drop(estate: Estate, data: Path):
    drop = data / "landing" / "2026-10"
    drop.chmod(0o000)
    try:
        refused(without_privileges(data, "run"), str(drop), "permission denied", "previous publication is unchanged")
    finally:
        drop.chmod(0o755)
    assert estate.stands(data)


def test_a_published_folder_without_the_right_to_write_is_named(estate: Estate, data: Path):
    published = data / "published"
    published.chmod(0o555)
    try:
        refused(without_privileges(data, "run"), str(published), "permission denied")
    finally:
        published.chmod(0o755)
    assert estate.stands(data)


def test_after_all_of_it_a_normal_run_makes_what_an_undisturbed_one_makes(estate: Estate, data: Path):
    with read_only(data / "landing"):
        done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)


def test_nothing_that_a_run_writes_is_for_everybody_and_the_warehouse_is_for_its_user(small: Reviewed):
    for folder in ("warehouse", "state"):
        assert (small.data / folder).stat().st_mode & 0o777 == 0o700
    published = [small.data / "published", *(small.data / "published").rglob("*")]
    assert [str(p) for p in published if p.stat().st_mode & 0o007] == []
    assert {p.stat().st_mode & 0o777 for p in published if p.is_file()} == {0o640}
