"""Rows in a database against what the record says was published: their number, their values, and where neither is
asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.publications import Entry
from pipelines.publish.record_check import (
    compare_with_record,
    count_rows,
    count_sentence,
    differing_counts,
    differing_marts,
    latest_entries,
    partition_path,
)

SEPTEMBER, OCTOBER = "2026-09", "2026-10"


def entry(output: str, month: str, rows: int, version: int = 1) -> Entry:
    return Entry(0, month, output, version, rows, 0, 0, 0, "", "", "", "", "", "", "", "", "")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema calendar")
        con.execute("create table calendar.findings as select * from (values ('2026-09', 1, 'a'), ('2026-10', 2, 'b'), "
                    "('2026-10', 3, 'c')) as t (review_month, finding, team)")  # fmt: skip
        con.execute("create table calendar.without_months (place int)")
        yield con


def publish(con: duckdb.DuckDBPyConnection, folder: Path, month: str) -> None:
    path = partition_path(folder, "findings", month)
    path.parent.mkdir(parents=True)
    con.execute(f"copy (select finding, team from calendar.findings where review_month = '{month}') to '{path}'")


def test_the_version_that_stands_is_the_last_entry_of_an_output_that_is_versioned():
    chain = [entry("findings", OCTOBER, 3), entry("findings", OCTOBER, 2, version=2), entry("publications", OCTOBER, 9)]
    chain.append(entry("an_output_of_another_version", OCTOBER, 1))
    assert latest_entries(chain) == {("findings", OCTOBER): chain[1]}


def test_rows_are_counted_by_table_and_month_also_of_an_attached_file(con, tmp_path: Path):
    wanted = {"findings": {SEPTEMBER: 1, OCTOBER: 2}}
    assert count_rows(con, "calendar") == wanted
    con.execute(f"attach '{tmp_path}/other.duckdb' as other")
    con.execute("create schema other.calendar")
    con.execute("create table other.calendar.findings as select '2026-09' as review_month")
    assert count_rows(con, "calendar", "other") == {"findings": {SEPTEMBER: 1}}
    assert count_rows(con, "calendar") == wanted
    assert count_rows(con, "marts") == {}


def test_a_month_with_other_rows_than_the_record_states_is_found_and_a_table_that_is_gone_is_minus_one():
    entries = {
        (e.output, e.review_month): e
        for e in (
            entry("findings", SEPTEMBER, 5), entry("findings", OCTOBER, 2), entry("actions", OCTOBER, 0),
            entry("savings", OCTOBER, 0), entry("file_register", OCTOBER, 7), entry("rejected_rows", OCTOBER, 7),
        )
    }  # fmt: skip
    held = {"findings": {OCTOBER: 2}, "savings": {}, "file_register": {OCTOBER: 1}}
    assert differing_counts(held, entries) == {("actions", OCTOBER): -1, ("findings", SEPTEMBER): 0}
    assert differing_counts(held, entries, without=[SEPTEMBER]) == {("actions", OCTOBER): -1}


def test_a_wrong_count_is_a_sentence_with_both_numbers():
    published = entry("findings", OCTOBER, 12000, version=3)
    assert count_sentence("warehouse", ("findings", OCTOBER), 1500, published) == (
        "warehouse: findings of 2026-10 has 1,500 rows, and 12,000 were published (version 3)"
    )
    assert "findings of 2026-10 is not there, and" in count_sentence("file", ("findings", OCTOBER), -1, published)
    assert "has 0 rows" in count_sentence("file", ("findings", OCTOBER), 0, published)


def test_as_many_rows_with_other_values_are_found_in_their_month(con, tmp_path: Path):
    entries = {
        ("findings", SEPTEMBER): entry("findings", SEPTEMBER, 1),
        ("findings", OCTOBER): entry("findings", OCTOBER, 2),
    }
    for month in (SEPTEMBER, OCTOBER):
        publish(con, tmp_path, month)
    assert compare_with_record(con, tmp_path, entries, "warehouse") == []
    con.execute("update calendar.findings set team = 'x' where finding = 3")
    (said,) = compare_with_record(con, tmp_path, entries, "warehouse")
    assert said.startswith("warehouse: 2 rows of findings of 2026-10 differ from its partition")
    # The same row twice in the place of another one is as many rows too.
    con.execute("update calendar.findings set (finding, team) = (2, 'b') where finding = 3")
    assert len(compare_with_record(con, tmp_path, entries, "warehouse")) == 1


def test_a_month_with_a_wrong_count_is_told_once_and_a_partition_that_is_not_there_is_passed_over(con, tmp_path: Path):
    entries = {
        ("findings", SEPTEMBER): entry("findings", SEPTEMBER, 1),
        ("findings", OCTOBER): entry("findings", OCTOBER, 9),
    }
    publish(con, tmp_path, OCTOBER)
    con.execute("update calendar.findings set team = 'x'")
    assert compare_with_record(con, tmp_path, entries, "file") == [
        "file: findings of 2026-10 has 2 rows, and 9 were published (version 1)"
    ]


def test_marts_are_compared_where_both_have_the_table():
    here = {"fct_use": {SEPTEMBER: 1, OCTOBER: 2}, "only_here": {OCTOBER: 1}}
    there = {"fct_use": {OCTOBER: 2, SEPTEMBER: 1}, "only_there": {OCTOBER: 1}}
    assert differing_marts(here, there) == []
    there["fct_use"] = {OCTOBER: 1200, "2026-11": 1, SEPTEMBER: 1}
    assert differing_marts(here, there) == [
        "warehouse: fct_use of 2026-10 has 2 rows, and the published file 1,200",
        "warehouse: fct_use of 2026-11 has 0 rows, and the published file 1",
    ]
