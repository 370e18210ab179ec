"""The record of publications: its entries cover each other, earlier versions are kept, and what it says of months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.places import file_of
from pipelines.publish.publications import (
    GENESIS,
    Entry,
    append,
    archive_path,
    archive_previous,
    broken_link,
    file_sha256,
    published_horizon,
    read_chain,
    restated_months,
)

MONTH = "2026-10"


def chain_of(length: int, **more: object) -> list[Entry]:
    chain: list[Entry] = []
    for place in range(1, length + 1):
        before = chain[-1].entry_hash if chain else GENESIS
        rest = ("p", "c", "v", "r", "f", "u", "selfaudit 0", before)
        chain.append(replace(Entry(place, MONTH, "findings", place, 3, 2, 1, 0, "why", *rest), **more).sealed())  # type: ignore[arg-type]
    return chain


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema calendar")
        yield con


def test_entries_are_read_as_they_were_appended_in_parts_or_at_once(con):
    chain = chain_of(4, horizon="2026-12", state="settled")
    assert read_chain(con) == []
    append(con, [], chain[:2])
    # What is there is not written again, although the chain before the new entries is handed over.
    append(con, chain[:2], chain[2:])
    assert read_chain(con) == chain and broken_link(chain) == ""


def test_a_new_warehouse_takes_the_chain_of_the_publication_first(con):
    chain = chain_of(3)
    append(con, chain[:2], chain[2:])
    assert read_chain(con) == chain


def test_a_chain_of_an_earlier_version_is_read_with_its_missing_columns_empty_and_goes_on(con):
    chain = chain_of(2)
    append(con, [], chain[:1])
    for name in ("horizon", "events_sha256", "state", "decisions_sha256"):
        con.execute(f"alter table calendar.publications drop column {name}")
    assert read_chain(con) == chain[:1]
    append(con, chain[:1], chain[1:])
    assert read_chain(con) == chain and broken_link(chain) == ""


@pytest.mark.parametrize("name", [f.name for f in fields(Entry) if f.name not in {"place", "previous_hash"}])
def test_whatever_is_changed_in_an_entry_breaks_the_chain_there(name: str):
    chain = chain_of(3)
    value = 99 if isinstance(getattr(chain[1], name), int) else "other"
    changed = [chain[0], replace(chain[1], **{name: value}), chain[2]]  # type: ignore[arg-type]
    assert broken_link(changed).startswith("entry 2 (") and broken_link(changed).endswith(
        "was changed after it was written"
    )


def test_an_entry_that_is_missing_or_written_anew_breaks_the_chain_behind_it():
    chain = chain_of(3)
    assert "is at position 2: an earlier entry is missing" in broken_link([chain[0], chain[2]])
    assert "is at position 1: an earlier entry is missing" in broken_link(chain[1:])
    anew = replace(chain[1], reason="another").sealed()
    assert broken_link([chain[0], anew, chain[2]]) == (
        "entry 3 (findings of 2026-10, version 3) does not contain the hash of the entry before it"
    )
    assert broken_link(chain[:2]) == broken_link([]) == ""


def test_months_are_restated_that_some_entry_calls_so():
    said = [("2026-09", "restated"), ("2026-10", "settled"), ("2026-08", "restated"), ("2026-10", None)]
    chain = [replace(e, review_month=m, state=s) for e, (m, s) in zip(chain_of(4), said, strict=True)]
    assert restated_months(chain) == ["2026-08", "2026-09"]


def test_the_horizon_of_a_month_is_the_last_drop_that_some_version_of_it_used():
    said = [("2026-09", "2026-11"), ("2026-09", "2026-10"), ("2026-10", "2026-12"), ("2026-08", None)]
    chain = [replace(e, review_month=m, horizon=h) for e, (m, h) in zip(chain_of(4), said, strict=True)]
    months = ("2026-08", "2026-09", "2026-10", "2026-11")
    assert [published_horizon(chain, m) for m in months] == ["2026-08", "2026-11", "2026-12", None]


class Standing:
    """A published partition that the chain names as version 2."""

    def __init__(self, published: Path) -> None:
        self.published = published
        self.files = [file_of(published, "findings", MONTH, form) for form in ("parquet", "csv")]
        for path in self.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"version 2 of {path.name}")
        self.chain = [replace(e, parquet_sha256=file_sha256(self.files[0])) for e in chain_of(2)]
        self.kept = archive_path(published, "findings", MONTH, 2)

    def keep(self) -> dict[str, str]:
        archive_previous(self.published, self.chain, ["findings", "actions"], ["2026-09", MONTH])
        return {p.name: p.read_text() for p in self.kept.glob("*")} if self.kept.is_dir() else {}


def test_a_version_is_copied_beside_before_another_replaces_it_and_readers_keep_it(tmp_path: Path):
    standing = Standing(tmp_path)
    wanted = {p.name: f"version 2 of {p.name}" for p in standing.files}
    assert standing.keep() == wanted == {p.name: p.read_text() for p in standing.files}
    assert not archive_path(tmp_path, "findings", MONTH, 1).exists()


def test_what_was_kept_before_is_left_alone_and_a_file_that_is_missing_is_passed_over(tmp_path: Path):
    standing = Standing(tmp_path)
    parquet, csv = standing.files
    standing.kept.mkdir(parents=True)
    (standing.kept / parquet.name).write_text("kept before")
    csv.unlink()
    assert standing.keep() == {parquet.name: "kept before"}


def test_a_file_that_is_not_what_was_published_is_not_kept_as_a_version(tmp_path: Path):
    standing = Standing(tmp_path)
    standing.files[0].write_text("something else")
    assert standing.keep() == {}
    standing.files[0].unlink()
    assert standing.keep() == {}
