"""Suites of the data folder: judged like the shipped ones by either engine, and told by file and expectation where they
cannot be used; a file of a stranger ends nothing but the use of its input.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts import INPUTS, raw_ddl
from pipelines.ingest.landing.fingerprints import drop_fingerprints
from pipelines.quality import company_suites, sql
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import Verdict, judgement_of

ROWS = [
    ("575-1", "Revit", 3, date(2026, 1, 1), date(2026, 12, 31), "emea"),
    ("575-2", "Revit", 9, date(2026, 2, 1), date(2026, 12, 31), "emea"),
    ("x", "Maya", 9, date(2026, 3, 1), date(2027, 2, 28), None),
    ("575-4", "Maya", 40, date(2026, 3, 1), date(2027, 2, 28), "apac"),
]
COLUMNS = "subscription_id, offering_name, seat_quantity, start_date, end_date, team_alias"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema raw")
        for name in ("subscriptions", "users"):
            con.execute(raw_ddl(INPUTS[name]))
            con.execute(f"create table t_{name} as from {INPUTS[name].table}")
        for number, row in enumerate(ROWS, start=1):
            con.execute(f"insert into t_subscriptions ({COLUMNS}, _src) values (?, ?, ?, ?, ?, ?, {number})", row)
        yield con


def expectation(kind: str, severity: str = "warning", **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "description": f"{kind} holds"}


def put(folder: Path, *expectations: dict[str, Any], name: str = "subscriptions") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"input": name, "expectations": list(expectations)}))
    return folder


def own(con, folder: Path, engine: str) -> list[Verdict]:
    """The verdicts of what the company added."""
    verdicts = begin_judging(con, "2026-10", {"subscriptions": "t_subscriptions"}, engine=engine, added=folder)()
    return [v for v in verdicts if "expectations/" in v.expectation]


DAY = "2026-03-01"
EVERY = [
    (expectation("expect_column_values_to_not_be_null", column="team_alias"), [3]),
    (expectation("expect_column_values_to_be_null", column="contract_number"), []),
    (expectation("expect_column_values_to_be_null", column="team_alias"), [1, 2, 4]),
    (expectation("expect_column_values_to_be_in_set", column="offering_name", value_set=["Revit"]), [3, 4]),
    (expectation("expect_column_values_to_be_in_set", column="start_date", value_set=["2026-01-01", DAY]), [2]),
    (expectation("expect_column_values_to_not_be_in_set", column="seat_quantity", value_set=[9, 3]), [1, 2, 3]),
    (expectation("expect_column_values_to_match_regex", column="subscription_id", regex="^575-"), [3]),
    (expectation("expect_column_values_to_not_match_regex", column="subscription_id", regex="-[24]$"), [2, 4]),
    (expectation("expect_column_value_lengths_to_be_between", column="subscription_id", min_value=2), [3]),
    (expectation("expect_column_values_to_be_between", column="seat_quantity", max_value=9, strict_max=True),
     [2, 3, 4]),
    (expectation("expect_column_values_to_be_between", column="end_date", max_value="2026-12-31"), [3, 4]),
    (expectation("expect_column_values_to_be_unique", column="seat_quantity"), [2, 3]),
    (expectation("expect_compound_columns_to_be_unique", column_list=["offering_name", "end_date"]), [1, 2, 3, 4]),
    (expectation("expect_column_pair_values_a_to_be_greater_than_b", column_A="start_date", column_B="end_date"),
     [1, 2, 3, 4]),
    (expectation("expect_column_values_to_be_between", column="seat_quantity", max_value=9, mostly=0.75), []),
    (expectation("expect_column_values_to_be_between", column="seat_quantity", max_value=9, mostly=0.76), [4]),
    # The empty cell is not one of those that are asked about: two of three.
    (expectation("expect_column_values_to_be_in_set", column="team_alias", value_set=["emea"], mostly=0.7), [4]),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["sql", "gx"])
def test_every_kind_of_expectation_is_judged_by_either_engine(con, tmp_path, engine):
    folder = put(
        tmp_path / "e", *(e for e, _ in EVERY), expectation("expect_table_row_count_to_be_between", max_value=3)
    )
    *of_rows, of_table = own(con, folder, engine)
    for (asked, rows), verdict in zip(EVERY, of_rows, strict=True):
        assert verdict.passed == (not rows), asked
        assert not rows or verdict.unexpected_rows == len(rows), asked
        assert not rows or f"first: row {rows[0]} of file 0" in verdict.message, asked
    assert (of_table.passed, of_table.observed) == (False, "4 rows")
    assert {e["type"] for e, _ in EVERY} | {"expect_table_row_count_to_be_between"} == set(company_suites.TYPES)
    assert set(company_suites.TYPES) == {*sql.BROKEN, *sql.UNIQUE, *sql.TABLE}


def test_a_pattern_that_never_ends_elsewhere_is_held_against_rows_in_linear_time(con, tmp_path):
    con.execute("update t_subscriptions set subscription_id = repeat('a', 60) || '!' where _src = 1")
    folder = put(
        tmp_path / "e", expectation("expect_column_values_to_match_regex", column="subscription_id", regex="^(a+)+$")
    )
    (verdict,) = own(con, folder, "gx")
    assert (verdict.engine, verdict.unexpected_rows) == ("sql", 4)


def test_a_suite_may_be_yaml_and_may_name_facts_of_the_drop(con, tmp_path):
    (tmp_path / "subscriptions.yml").write_text(
        "expectations:\n"
        "- {type: expect_column_values_to_be_between, severity: warning, description: no start in the future,\n"
        "   kwargs: {column: start_date, min_value: 2026-02-01, max_value: '{latest_day}'}}\n"
    )
    (verdict,) = own(con, tmp_path, "sql")
    assert verdict.expectation.endswith("(expectations/subscriptions.yml, 1)") and verdict.unexpected_rows == 1


def test_what_is_critical_refuses_its_input_and_no_other(con, tmp_path):
    folder = put(tmp_path / "e", expectation("expect_column_values_to_be_between", "critical", column="seat_quantity",
                                             max_value=20))  # fmt: skip
    tables = {"subscriptions": "t_subscriptions", "users": "t_users"}
    refused = judgement_of(begin_judging(con, "2026-10", tables, added=folder)()).refused
    assert list(refused) == ["subscriptions"] and "1 of 4 rows do not; first: row 4" in refused["subscriptions"]


NOT_NULL = expectation("expect_column_values_to_not_be_null", column="team_alias")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON, line 1"),
        ("[" * 100_000, "cannot be read as text in UTF-8 of plain JSON or YAML"),
        (b"\xff\xfe\x00", "cannot be read as text in UTF-8"),
        ("[]", "is not a suite"),
        ('{"expectations": 3}', "is not a suite"),
        ({"expectations": [], "datasource": "x"}, "has an entry 'datasource'"),
        ({"input": "users", "expectations": []}, "says that its input is another one"),
        ({"expectations": [NOT_NULL] * 201}, "has more than 200 expectations"),
        (" " * 1_000_001, "is larger than 1,000,000 bytes"),
        ({"expectations": [3]}, "expectation 1: an object"),
        ({"expectations": [NOT_NULL, {**NOT_NULL, "id": 1}]}, "expectation 2: it has an entry 'id'"),
        ({"expectations": [{**NOT_NULL, "type": "expect_column_values_to_be_valid_spiffe"}]}, "known are expect_"),
        ({"expectations": [{**NOT_NULL, "type": ["x"]}]}, "expectation 1: its type is"),
        ({"expectations": [{**NOT_NULL, "severity": "fatal"}]}, "severity is not critical"),
        ({"expectations": [{**NOT_NULL, "description": "two\nlines"}]}, "description is not one line"),
        ({"expectations": [{**NOT_NULL, "description": ""}]}, "description is not one line"),
        ({"expectations": [{**NOT_NULL, "kwargs": []}]}, "kwargs are not an object"),
        ({"expectations": [{**NOT_NULL, "kwargs": {}}]}, "needs column"),
        ({"expectations": [expectation("expect_column_values_to_not_be_null", column="nope")]}, "does not have"),
        ({"expectations": [expectation("expect_column_values_to_not_be_null", column=["a"])]}, "is not a column"),
        (
            {"expectations": [expectation("expect_column_values_to_not_be_null", column="term",
                                          row_condition="__import__('os')", condition_parser="pandas")]},
            "takes no 'condition_parser'",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_match_regex", column="term", regex="(")]},
            "regex is not a pattern of RE2",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_match_regex", column="start_date", regex="x")]},
            "start_date is no text",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_be_between", column="seat_quantity")]},
            "needs min_value or max_value",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_be_between", column="start_date", min_value=3)]},
            "min_value is not a day",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_be_between", column="seat_quantity", min_value="")]},
            "min_value is not a number",
        ),
        (
            '{"expectations": [{"type": "expect_column_values_to_be_between", "severity": "warning", "description": '
            '"d", "kwargs": {"column": "seat_quantity", "min_value": NaN}}]}',
            "min_value is not a number",
        ),
        (
            {"expectations": [expectation("expect_column_values_to_be_in_set", column="term", value_set=[["a"]])]},
            "value_set is not a text",
        ),
        ({"expectations": [{**NOT_NULL, "kwargs": {"column": "term", "mostly": 2}}]}, "mostly is not a share"),
        (
            {"expectations": [expectation("expect_column_pair_values_a_to_be_greater_than_b", column_A="start_date",
                                          column_B="seat_quantity")]},
            "different types",
        ),
    ],
)  # fmt: skip
def test_a_suite_that_cannot_be_used_is_told_and_takes_its_input_only(con, tmp_path, text, said):
    path = tmp_path / "subscriptions.json"
    path.write_bytes(
        text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode()
    )
    tables = {"subscriptions": "t_subscriptions", "users": "t_users"}
    (reason,) = judgement_of(begin_judging(con, "2026-10", tables, added=tmp_path)()).refused.items()
    assert (
        reason[0] == "subscriptions" and reason[1].startswith("expectations/subscriptions.json") and said in reason[1]
    )


def test_yaml_makes_no_objects_and_a_little_of_it_stands_for_no_more(con, tmp_path):
    path = tmp_path / "subscriptions.yml"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(12)
    )
    for text in (
        "!!python/object/apply:os.system ['true']",
        "a: [",
        bomb,
        f"expectations:\n- type: [*a]\n{bomb}",
        "a: " + "1:" * 100_000 + "1",
        "[" * 50_000,
        "a: &b {}\nc: {<<: *b}",
    ):
        path.write_text(text)
        (verdict,) = begin_judging(con, "2026-10", {"subscriptions": "t_subscriptions"}, added=tmp_path)()
        assert verdict.severity == "critical" and verdict.message.startswith("expectations/subscriptions.yml")
        assert len(verdict.message) < 400


def test_two_files_for_one_input_and_files_of_no_input_are_told(con, tmp_path):
    put(tmp_path, NOT_NULL)
    (tmp_path / "subscriptions.yaml").write_text("expectations: []")
    (verdict,) = begin_judging(con, "2026-10", {"subscriptions": "t_subscriptions"}, added=tmp_path)()
    assert "are both the suite of subscriptions: keep one" in verdict.message
    (tmp_path / "user.json").write_text("{}")
    (tmp_path / "users.txt").write_text("")
    told = company_suites.strange_files(tmp_path)
    assert [t.split()[0] for t in told] == ["expectations/user.json", "expectations/users.txt"]
    assert company_suites.strange_files(tmp_path / "not there") == []


def test_a_changed_suite_is_a_reason_to_read_drops_again(tmp_path):
    landing = tmp_path / "landing"
    for name in ("2026-10", "reference"):
        (landing / name).mkdir(parents=True)
        (landing / name / "a.csv").write_text("a\n1\n")
    none = drop_fingerprints(landing)
    put(tmp_path / "expectations", NOT_NULL)
    one = drop_fingerprints(landing)
    put(tmp_path / "expectations", NOT_NULL, NOT_NULL)
    two = drop_fingerprints(landing)
    assert len({f["2026-10"] for f in (none, one, two)}) == 3
    assert len({f["reference"] for f in (none, one, two)}) == 1
