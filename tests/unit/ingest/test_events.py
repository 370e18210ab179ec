"""The event layer beside `raw`: which row a later file beats, cells of days, sessions at the same time, whatever the
order in which drops arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.write.events import extend_events, period
from pipelines.ingest.write.schema import ensure_schema

DROPS = ("2027-03", "2027-04", "2027-05")
# Rank of a file: those of a later drop are higher, as number_entries makes them.
RANKS = {drop: 100 * (n + 1) for n, drop in enumerate(DROPS)}
Row = tuple[str, int, str, str, date, str | None]  # drop, file of the drop, person, product, day, event_id


@contextmanager
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        ensure_schema(con)
        yield con


def load(con: duckdb.DuckDBPyConnection, drop: str, rows: list[Row], first: int) -> None:
    """Put the rows of a drop in the place of what is loaded of it, as `write_drop` does; `first`: number of its first
    row.
    """
    for table in ("usage", "lrt"):
        con.execute(f"delete from raw.{table} where _drop = ?", [drop])
    for table in ("file_register", "event_state"):
        con.execute(f"delete from raw.{table} where drop = ?", [drop])
    for file in (0, 1):
        con.execute("insert into raw.file_register (drop, file_rank) values (?, ?)", [drop, RANKS[drop] + file])
    for number, (_, file, person, product, day, event) in enumerate(rows, first):
        rank = RANKS[drop] + file
        con.execute(
            "insert into raw.usage (offering_name, email, day_used, _drop, _src, _file_rank) values (?, ?, ?, ?, ?, ?)",
            [product, person, day, drop, number, rank],
        )
        con.execute(
            "insert into raw.lrt (event_at, product, user_email, event_id, device_id, duration_minutes, _drop, _src, "
            "_file_rank) "
            "values (?, ?, ?, ?, ?, 60, ?, ?, ?)",
            [datetime.combine(day, datetime.min.time()), product, person, event, product, drop, number, rank],
        )


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    _, _, person, product, day, event = row
    return (event,) if table == "lrt" and event else (person, product, day)


def beaten_from(table: str, row: Row, rows: list[Row]) -> str | None:
    """The definition: the drop of the next file of higher rank with a row of the same natural key."""
    rank = RANKS[row[0]] + row[1]
    higher = [r for r in rows if key_of(table, r) == key_of(table, row) and RANKS[r[0]] + r[1] > rank]
    return min(higher, key=lambda r: RANKS[r[0]] + r[1])[0] if higher else None


def day_bits(days: set[date]) -> int:
    return sum(1 << (d.day - 1) for d in days)


def period_of(day: date) -> date:
    first = day.replace(day=1)
    return first + timedelta(1) if day.day > 1 and (first + timedelta(366)).day == 1 else first


row = st.tuples(
    st.sampled_from(DROPS),
    st.integers(0, 1),
    st.sampled_from(["a@x.example", "b@x.example"]),
    st.sampled_from(["Revit", "Maya"]),
    st.dates(date(2027, 2, 27), date(2027, 4, 2)),
    st.sampled_from([None, "e1", "e2"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(row, max_size=14), st.permutations(DROPS), st.integers(0, 3), st.lists(row, max_size=4))
def test_rows_beaten_and_cells_are_those_of_the_definition_in_any_order_of_arrival(rows, order, together, corrected):
    """Drops come in any order, some of them in one run, and one is corrected at the end."""
    with warehouse() as con:
        for n, drop in enumerate(order):
            load(con, drop, [r for r in rows if r[0] == drop], 1000 * RANKS[drop])
            if n >= together:
                extend_events(con)
        extend_events(con)
        again = order[0]
        rows = [r for r in rows if r[0] != again] + [(again, *r[1:]) for r in corrected]
        load(con, again, [r for r in rows if r[0] == again], 1000 * RANKS[again] + 500)
        extend_events(con)
        for table in ("usage", "lrt"):
            wanted = Counter((r[0], r[1], *key_of(table, r), beaten_from(table, r, rows)) for r in rows)
            day = "day_used" if table == "usage" else "cast(event_at as date)"
            who, what = ("email", "offering_name") if table == "usage" else ("user_email", "product")
            event = "event_id" if table == "lrt" else "null"
            found = con.execute(
                f"select _drop, _file_rank % 100, {event}, {who}, {what}, {day}, _until from raw.{table}"
            ).fetchall()
            assert Counter((d, f, *((e,) if e else (w, p, t)), u) for d, f, e, w, p, t, u in found) == wanted

            cells = {}
            for r in rows:
                by_id = table == "lrt" and r[5] is not None
                place = (
                    r[0], beaten_from(table, r, rows), RANKS[r[0]] + r[1], by_id, r[3], r[2], period_of(r[4]),
                )  # fmt: skip
                cells.setdefault(place, []).append(r[4])
            cell_rows = con.execute(
                "select _drop, _until, _file_rank, is_by_id, offering_name, said, period, days, use_rows from "
                "raw.use_cell where input = ?",
                [table],
            ).fetchall()
            assert {c[:7]: c[7:] for c in cell_rows} == {p: (day_bits(set(d)), len(d)) for p, d in cells.items()}
            assert len(cell_rows) == len(cells)


@settings(max_examples=20, deadline=None)
@given(st.lists(row, max_size=12), st.permutations(DROPS))
def test_pairs_of_sessions_are_those_that_are_seen_together_at_some_time(rows, order):
    with warehouse() as con:
        for drop in order:
            load(con, drop, [r for r in rows if r[0] == drop], 1000 * RANKS[drop])
            extend_events(con)
        found = con.execute("select first_src, second_src from raw.session_pair").fetchall()
        told = con.execute(
            "select _src, user_email, device_id, event_at, _drop, coalesce(_until, '9999-12') from raw.lrt"
        ).fetchall()
        # Every session lasts an hour from midnight: two of a person overlap where they begin at the same time.
        wanted = {
            (a[0], b[0])
            for a in told
            for b in told
            if a[1] == b[1] and a[2] != b[2] and a[3] == b[3] and a[0] < b[0] and a[4] < b[5] and b[4] < a[5]
        }
        assert sorted(found) == sorted(wanted)


def test_a_window_of_a_year_begins_between_two_periods_in_every_month_of_four_years():
    with duckdb.connect() as con:
        for month in range(48):
            after = date(2026 + (month + 1) // 12, (month + 1) % 12 + 1, 1)
            last = after - timedelta(1)
            start = last - timedelta(365)
            days = [start + timedelta(n) for n in range(-40, 45)]
            listed = ", ".join(f"(date '{d}')" for d in days)
            cut = dict(con.execute(f"select d, {period('d')} from (values {listed}) as t (d)").fetchall())
            assert all((cut[d] > start) == (d > start) for d in days), last


def test_what_is_loaded_again_as_it_was_changes_nothing():
    rows: list[Row] = [
        ("2027-03", 0, "a@x.example", "Revit", date(2027, 3, 5), None),
        ("2027-04", 0, "a@x.example", "Revit", date(2027, 3, 5), None),
    ]
    with warehouse() as con:
        for drop in DROPS:
            load(con, drop, [r for r in rows if r[0] == drop], 1000 * RANKS[drop])
        assert extend_events(con) == list(DROPS)
        before = con.execute("select * from raw.use_cell order by all").fetchall()
        assert extend_events(con) == []
        load(con, "2027-03", rows[:1], 1000 * RANKS["2027-03"])
        assert extend_events(con) == ["2027-03"]
        assert con.execute("select * from raw.use_cell order by all").fetchall() == before


@pytest.mark.parametrize("table", ["use_cell", "device_cell", "lag_cell", "session_pair"])
def test_a_drop_without_rows_leaves_none_in_the_sets(table):
    rows: list[Row] = [
        ("2027-03", 0, "a@x.example", "Revit", date(2027, 3, 5), "e1"),
        ("2027-03", 0, "a@x.example", "Maya", date(2027, 3, 5), "e2"),
    ]
    with warehouse() as con:
        load(con, "2027-03", rows, 1)
        extend_events(con)
        assert con.execute(f"select count(*) from raw.{table}").fetchall() != [(0,)]
        load(con, "2027-03", [], 1)
        extend_events(con)
        assert con.execute(f"select count(*) from raw.{table}").fetchall() == [(0,)]
