"""Publishing that fails leaves every published file as it was; publishing that ends leaves what it wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.publish.rollback import restored_on_failure

MONTHS = ["2026-10"]
PATHS = [
    "selfaudit.duckdb",
    "pages/index.html",
    "findings/review_month=2026-10/findings.parquet",
    "findings/review_month=2026-10/more.parquet",
    "files/2026-10/findings.csv",
    "packs/2026-10.zip",
    "do/2026-10/portal/unassign.csv",
]
# A run over October does not write these, or only adds to them.
NOT_LOOKED_AT = [
    "findings/review_month=2026-09/findings.parquet",
    "files/2026-09/findings.csv",
    "versions/findings/review_month=2026-10/publication_version=1/findings.parquet",
    "sam/use.csv",
]
TREES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from(["one", "two"]))


class _FailedError(Exception):
    pass


def read(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def write(folder: Path, files: dict[str, str]) -> None:
    """As a run writes: a name gets another file, and what is not among them is removed."""
    for name in read(folder).keys() - files.keys():
        (folder / name).unlink()
    for name, text in files.items():
        part = folder.with_name("part")
        part.write_text(text)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        part.replace(folder / name)


@settings(deadline=None, max_examples=15)
@given(before=TREES, after=TREES, fails=st.booleans())
@example(before=dict.fromkeys(PATHS, "one"), after=dict.fromkeys(PATHS[:4], "two"), fails=True)
@example(before=dict.fromkeys(PATHS[:4], "one"), after=dict.fromkeys(PATHS, "two"), fails=True)
@example(before=dict.fromkeys(PATHS, "one"), after=dict.fromkeys(PATHS, "one"), fails=True)
def test_the_files_are_the_former_ones_if_it_fails_and_the_new_ones_if_not(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str], fails: bool
):
    folder = tmp_path_factory.mktemp("data")
    published, keep = folder / "published", folder / "keep"
    published.mkdir()
    write(published, before)
    # Left by a run that was killed.
    keep.mkdir()
    (keep / "selfaudit.duckdb").write_text("of another run")
    try:
        with restored_on_failure(published, keep, MONTHS):
            write(published, after)
            if fails:
                raise _FailedError
    except _FailedError:
        assert fails
    assert read(published) == (before if fails else after)
    assert not keep.exists()
    shutil.rmtree(folder)


def test_other_months_and_what_is_only_added_to_are_left_as_the_run_left_them(tmp_path: Path):
    published = tmp_path / "published"
    write(published, dict.fromkeys(NOT_LOOKED_AT, "before"))
    with pytest.raises(_FailedError), restored_on_failure(published, tmp_path / "keep", MONTHS):
        write(published, dict.fromkeys([*NOT_LOOKED_AT, PATHS[0]], "after"))
        raise _FailedError
    assert read(published) == dict.fromkeys(NOT_LOOKED_AT, "after")


def test_where_files_cannot_be_linked_each_stays_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object) -> None:
        raise OSError("no hard links")

    monkeypatch.setattr("os.link", fails)
    published = tmp_path / "published"
    write(published, {PATHS[0]: "before"})
    with pytest.raises(_FailedError), restored_on_failure(published, tmp_path / "keep", MONTHS):
        write(published, {PATHS[0]: "after", PATHS[1]: "after"})
        raise _FailedError
    assert read(published) == {PATHS[0]: "after", PATHS[1]: "after"}
