"""Pseudonyms: keyed, the same whatever else is delivered, in cells and in sentences, and put in once."""

from __future__ import annotations

import hashlib
import hmac
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import UserError
from pipelines.publish.veil import veil
from pipelines.publish.veil.identifiers import collect, pseudonym
from pipelines.publish.veil.key import read_or_make
from pipelines.run.discretion import withheld

KEY = bytes(range(32))


def shown(text: str) -> str:
    """The pseudonym by Python's own HMAC."""
    return "person-" + hmac.new(KEY, f"person:{text}".encode(), hashlib.sha256).hexdigest()[:16]


ADA, BERT = shown("ada@corp.example"), shown("bert@corp.example")


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema raw; create schema reference; create schema calendar; create schema marts")
        con.execute(
            "create table raw.users as select * from (values ('ada@corp.example', 'Ada', 'Example', 'A-77', 'ada'), "
            "('bert@corp.example', 'Bert', 'Müller', 'B-78', 'bert')) as t (email, first_name, last_name, employee_id, "
            "user_name)"
        )
        con.execute("create table raw.run_month as select '2026-10' as review_month")
        con.execute("create table reference.person_aliases (review_month varchar, alias_email varchar, email varchar)")
        con.execute("create table calendar.rejected_rows (review_month varchar, row_text varchar, reason varchar)")
        con.execute(
            "create table calendar.findings as select * from (values "
            "('2026-10', '0123456789abcdef', 'ada@corp.example', 'Ada Example and Müller, Bert share A-77: adapter.'), "
            "('2026-10', '1123456789abcdef', null, 'Nobody: ada used it.'), "
            "('2026-09', '0123456789abcdef', 'ada@corp.example', 'of the month before')) as t (review_month, "
            "finding_id, person_key, detail)"
        )
        yield con


def test_the_pseudonym_is_an_hmac_with_the_key(warehouse: duckdb.DuckDBPyConnection):
    made = warehouse.execute(f"select {pseudonym(KEY, 'x')} from (select 'ada@corp.example' as x)").fetchall()
    assert made == [(ADA,)]


def test_cells_and_sentences_carry_pseudonyms_and_real_values_stand_beside(warehouse: duckdb.DuckDBPyConnection):
    warehouse.execute("insert into calendar.rejected_rows values ('2026-10', 'ada;x', '''ada@corp'' is no address')")
    veil.veil(warehouse, KEY, None)
    rows = warehouse.execute(
        "select person_key, detail, length(finding_id) from calendar.findings where review_month = '2026-10' order by "
        "detail"
    ).fetchall()
    assert rows == [
        (None, f"Nobody: {ADA} used it.", 16),
        (ADA, f"{ADA} and {BERT} share {ADA}: adapter.", 16),
    ]
    assert warehouse.execute(
        'select person_key from own."calendar.findings" where person_key is not null'
    ).fetchall() == [("ada@corp.example",)]
    assert warehouse.execute("select row_text, reason from calendar.rejected_rows").fetchall() == [
        ("(withheld)", "'(withheld)' is no address")
    ]


def test_what_was_veiled_is_not_veiled_again_and_models_find_real_values(warehouse: duckdb.DuckDBPyConnection):
    veil.veil(warehouse, KEY, None)
    once = warehouse.execute("select * from calendar.findings order by all").fetchall()
    veil.veil(warehouse, KEY, ())
    assert warehouse.execute("select * from calendar.findings order by all").fetchall() == once
    veil.lift(warehouse)
    assert "ada@corp.example" in str(warehouse.execute("select * from calendar.findings").fetchall())
    veil.veil(warehouse, KEY, ())
    assert warehouse.execute("select * from calendar.findings order by all").fetchall() == once


def test_sentences_keep_their_order_and_empty_ones_stay(warehouse: duckdb.DuckDBPyConnection):
    given = ["", "row 3: 'ada@' is no address", "", "of Ada Example", "ada, bert and adamant"]
    assert veil.sentences(warehouse, KEY, given) == [
        "",
        "row 3: '(withheld)' is no address",
        "",
        f"of {ADA}",
        f"{ADA}, {BERT} and adamant",
    ]


def test_addresses_that_no_row_was_delivered_for_are_known_by_their_form(warehouse: duckdb.DuckDBPyConnection):
    carl = shown("carl@other.example")
    given = ["asked Carl@other.example.", "27000@licences.corp is a server", "ada@corp.example;carl@other.example"]
    assert veil.sentences(warehouse, KEY, given) == [
        f"asked {carl}.",
        "27000@licences.corp is a server",
        f"{ADA};{carl}",
    ]


def test_an_address_in_a_column_that_should_name_nobody_has_its_pseudonym(warehouse: duckdb.DuckDBPyConnection):
    assert veil.class_of("marts.dim_contract", "contract_number") == veil.NONE
    warehouse.execute(
        "create table marts.dim_contract as select * from (values ('2026-10', 'carl@other.example'), ('2026-10', "
        "'110')) as t (review_month, contract_number)"
    )
    veil.veil(warehouse, KEY, None)
    rows = warehouse.execute("select contract_number from marts.dim_contract order by 1").fetchall()
    assert rows == [("110",), (shown("carl@other.example"),)]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("row 3: 'O'Neill, Ann' is no address", "row 3: '(withheld)' is no address"),
        ("the portal's 'Ann' and the file's 'D'Élan'; expected a date", "the portal's '(withheld)' and the file's "
         "'(withheld)'; expected a date"),
        ("'' is empty, ('Ann') is not", "'(withheld)' is empty, ('(withheld)') is not"),
        ("of 'Ann', 'Bo' and 'Cy'", "of '(withheld)', '(withheld)' and '(withheld)'"),
        ("it doesn't quote", "it doesn't quote"),
    ],
)  # fmt: skip
def test_a_quoted_cell_is_withheld_whole_whatever_apostrophes_are_in_it_and_around(
    warehouse: duckdb.DuckDBPyConnection, message: str, left: str
):
    assert veil.sentences(warehouse, KEY, [message]) == [left]
    assert withheld(message) == left
    warehouse.execute("create or replace temp table one as select ? as reason", [message])
    cut = veil.cut_sql("reason", veil.CUT)
    assert warehouse.execute(f"select {cut} from one").fetchall() == [(left,)]


def test_an_address_keeps_its_pseudonym_whatever_is_delivered_later(warehouse: duckdb.DuckDBPyConnection):
    warehouse.execute(
        "create table raw.directory_users as select 'other@corp.example' as mail, 'ada@corp.example' as "
        "user_principal_name"
    )
    collect(warehouse, KEY)
    found = dict(warehouse.execute("select value, shown from _identifier").fetchall())
    assert found["ada@corp.example"] == ADA and found["other@corp.example"] == shown("other@corp.example")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "state" / "pseudonyms.key"
    key = read_or_make(path)
    assert read_or_make(path) == key and stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(UserError, match="chmod 600"):
        read_or_make(path)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(UserError, match="64 hexadecimal digits"):
        read_or_make(path)


def test_a_long_identifier_is_found_inside_of_a_word_and_a_shorter_one_as_a_word_alone(
    warehouse: duckdb.DuckDBPyConnection,
):
    warehouse.execute("insert into raw.users values ('cy@corp.example', 'Cy', 'Doe', 'ABCD1234', 'cy12345')")
    cy = shown("cy@corp.example")
    said = ["device_ABCD1234X of cy12345: abcd1234!", "cy12345x and xcy12345"]
    assert veil.sentences(warehouse, KEY, said) == [f"device_{cy}X of {cy}: {cy}!", "cy12345x and xcy12345"]
