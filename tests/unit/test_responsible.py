"""Who is asked about a month, who has not answered, and since when that is late."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.report.responsible import MOST_ASKED, responsible_persons

MONTH = "2026-10"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema calendar")
        con.execute(
            "create table calendar.actions (review_month text, action_id text, responsible text, state text, "
            "first_seen_month text, last_seen_month text)"
        )
        yield con


def put(con, responsible, state="proposed", first_seen=MONTH, last_seen=MONTH):
    con.execute(
        "insert into calendar.actions values (?, 'a', ?, ?, ?, ?)", [MONTH, responsible, state, first_seen, last_seen]
    )


def test_those_who_are_late_longest_come_first_and_who_answered_everything_last(con):
    put(con, "answered@corp.example", "decided")
    put(con, "new@corp.example")
    put(con, "late@corp.example", first_seen="2026-08")
    put(con, "late@corp.example", "refused", first_seen="2026-07")
    put(con, "later@corp.example", first_seen="2026-09")
    found = responsible_persons(con, MONTH)
    assert [(p.responsible, p.actions.value, p.undecided.value, str(p.late_since or "")) for p in found["people"]] == [
        ("late@corp.example", 2, 1, "2026-09-10"),
        ("later@corp.example", 1, 1, "2026-10-10"),
        # The answer for October is due in November: not late as of October's end.
        ("new@corp.example", 1, 1, ""),
        ("answered@corp.example", 1, 0, ""),
    ]
    assert (found["all"], found["silent"]) == (4, 3)


def test_what_the_month_no_longer_shows_asks_nobody_and_actions_without_a_person_are_counted(con):
    put(con, "gone@corp.example", last_seen="2026-09")
    put(con, None)
    (one,) = responsible_persons(con, MONTH)["people"]
    assert (one.responsible, one.undecided.value) == ("", 1)


def test_of_many_the_first_are_named_and_the_rest_counted(con):
    for number in range(MOST_ASKED + 2):
        put(con, f"p{number:03d}@corp.example")
    found = responsible_persons(con, MONTH)
    assert (len(found["people"]), found["all"]) == (MOST_ASKED, MOST_ASKED + 2)
