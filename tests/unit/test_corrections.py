"""Declared corrections: they repair exactly the fault they name, and refuse to outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import INPUTS
from pipelines.ingest.conform.corrections import CorrectionError, apply_corrections

ENTRY = """
- id: SUB-1
  drop: 2026-10
  where: {subscription_id: "575-1"}
  expect: {seat_quantity: 1000}
  action: override
  set: {seat_quantity: 100, end_date: 2027-01-31}
  reason: a zero too many
  owner: licence management
  decided_on: 2026-11-02
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        columns = ", ".join(f'"{c.name}" {c.type.sql}' for c in INPUTS["subscriptions"].columns)
        con.execute(f"CREATE TABLE t ({columns}, _src BIGINT)")
        con.execute("INSERT INTO t (subscription_id, seat_quantity, _src) VALUES ('575-1', 1000, 1), ('575-2', 5, 2)")
        yield con


def applied(
    con: duckdb.DuckDBPyConnection, folder: Path, text: str, drop: str = "2026-10"
) -> list[tuple[str, tuple[int, ...]]]:
    (folder / "subscriptions.yml").write_text(text, encoding="utf-8")
    done = apply_corrections(con, "t", "subscriptions", drop, folder)
    return [(d.action, d.rows) for d in done]


def seats(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str | None]]:
    query = "SELECT subscription_id, seat_quantity, CAST(end_date AS VARCHAR) FROM t ORDER BY _src"
    return con.execute(query).fetchall()


def test_without_a_file_nothing_happens(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert apply_corrections(con, "t", "subscriptions", "2026-10", tmp_path) == []


def test_an_override_changes_the_located_rows_only(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert applied(con, tmp_path, ENTRY) == [("override", (1,))]
    assert seats(con) == [("575-1", 100, "2027-01-31"), ("575-2", 5, None)]


def test_a_correction_holds_for_its_drop_only(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert applied(con, tmp_path, ENTRY, drop="2026-11") == []
    assert seats(con)[0][1] == 1000


def test_a_dropped_row_is_named_so_that_it_can_be_quarantined(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    text = ENTRY.replace("override", "drop").replace("  set: {seat_quantity: 100, end_date: 2027-01-31}\n", "")
    assert applied(con, tmp_path, text) == [("drop", (1,))]
    assert seats(con) == [("575-2", 5, None)]


def test_a_repaired_source_is_an_error(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("UPDATE t SET seat_quantity = 100 WHERE _src = 1")
    with pytest.raises(CorrectionError, match=r"SUB-1.*seems to be repaired: remove the entry"):
        applied(con, tmp_path, ENTRY)


def test_a_locator_without_a_row_is_an_error(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(CorrectionError, match="matches no row"):
        applied(con, tmp_path, ENTRY.replace("575-1", "575-9"))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  owner: licence management\n", "", "missing: owner"),
        ("owner:", "ownr:", "unknown: ownr"),
        ("action: override", "action: delete", "action must be one of"),
        ("where: {subscription_id", "where: {sub_id", "does not have: sub_id"),
        ("expect: {seat_quantity: 1000}", "expect: {}", "'expect' must name"),
        ("action: override", "action: drop", "takes no 'set'"),
        ("decided_on: 2026-11-02", "decided_on: soon", "decided_on"),
        ("- id: SUB-1", "- id: [1]", "id must be a text"),
    ],
)
def test_a_malformed_correction_says_what_is_wrong(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(CorrectionError, match=reason):
        applied(con, tmp_path, ENTRY.replace(old, new))


@pytest.mark.parametrize("text", ["{", "a: 1", "- 3", ENTRY + ENTRY])
def test_a_file_that_is_no_list_of_corrections_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    with pytest.raises(CorrectionError):
        applied(con, tmp_path, text)
