"""What incomplete inputs silence is read in its order, at most a page of it, and none of it where the table is not
there.
"""

from __future__ import annotations

import duckdb

from pipelines.publish.notes import SHOWN, notes


def _published(sentences: list[str]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema calendar")
    con.execute(
        "create table calendar.input_notes (review_month varchar, place bigint, kind varchar, input varchar, path "
        "varchar, rules bigint, rule_ids varchar, sentence varchar)"
    )
    for place, sentence in reversed(list(enumerate(sentences, 1))):
        con.execute(
            "insert into calendar.input_notes values ('2026-10', ?, 'part', 'users', 'users.csv', 2, 'ADM-05;ADM-07', "
            "?)",
            [place, sentence],
        )
    return con


def test_the_notes_of_a_month_come_in_their_order_with_the_rules_that_wait() -> None:
    con = _published(["first", "second"])
    rules = ("ADM-05", "ADM-07")
    assert [(n.sentence, n.rule_ids) for n in notes(con, "2026-10")] == [("first", rules), ("second", rules)]
    assert notes(con, "2026-09") == []


def test_of_many_notes_those_that_silence_most_are_shown_and_the_others_counted() -> None:
    shown = notes(_published([str(n) for n in range(1, SHOWN + 4)]), "2026-10")
    assert [n.sentence for n in shown[:-1]] == [str(n) for n in range(1, SHOWN + 1)]
    assert shown[-1].sentence == "And 3 more: calendar.input_notes has them all."


def test_as_many_notes_as_are_shown_leave_none_to_count() -> None:
    shown = notes(_published([str(n) for n in range(1, SHOWN + 1)]), "2026-10")
    assert [n.sentence for n in shown] == [str(n) for n in range(1, SHOWN + 1)]


def test_a_publication_of_a_version_without_notes_has_none() -> None:
    with duckdb.connect() as con:
        assert notes(con, "2026-10") == []
