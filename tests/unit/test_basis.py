"""What a month is made from, what of it models look at, and which models stand on a change. The declarations are held
to the statements that dbt compiles.
"""

from __future__ import annotations

import csv
import json
import re

import duckdb
import pytest

from pipelines.contracts import REFERENCE
from pipelines.ingest.write.schema import begin_run, ensure_schema
from pipelines.reference.predicate import ensure_predicate_schema
from pipelines.reference.resolve import ensure_reference_schema
from pipelines.run import basis, dbt_call, parts
from pipelines.run.statements import BY_PARTS, CheckFailedError, check, read_statements
from pipelines.settings import SEEDS

MONTHS = ["2026-09", "2026-10"]


@pytest.fixture(scope="module")
def known():
    found = read_statements()
    assert found is not None, "the statements are not those of the project: run `python -m pipelines.run.prepare`"
    return found


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        ensure_schema(connection)
        begin_run(connection)
        ensure_reference_schema(connection)
        ensure_predicate_schema(connection)
        connection.execute("create table reference.change (review_month varchar, kind varchar, detail varchar)")
        connection.execute("insert into raw.run_info values ('today', '2026-10-31')")
        for month in MONTHS:
            connection.execute("insert into raw.run_month values (?, date '2026-10-31', ?, '2026-10')", [month, month])
        yield connection


def add(connection, table, months=MONTHS, **values):
    """A row of a resolved reference table in these months."""
    names = {"review_month": None, **values}
    for month in months:
        row = {**names, "review_month": month}
        columns = ", ".join(f'"{n}"' for n in row)
        connection.execute(
            f"insert into reference.{table} ({columns}) values ({', '.join('?' * len(row))})", list(row.values())
        )


def changed(connection, known, restated=()):
    """Month → sources that differ from what is stored."""
    now, before = basis.basis_of(connection, known, MONTHS, restated), basis.stored(connection)
    return {m: basis.changed_sources(before.get(m), now[m]) for m in MONTHS}


PRICE = {"offering_key": "autocad", "basis": "list", "amount": 100, "currency": "EUR"}
ALWAYS = {"valid_from": "1900-01-01", "valid_to": "9999-12-31"}
DECISION = {"finding_id": "f1", "decision": "accepted", "by": "Ada"}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("settings", {"key": "colour_of_the_logo", "value": "blue"}),
        ("prices", {**PRICE, "valid_from": "2030-01-01", "valid_to": "9999-12-31"}),
        ("prices", {**PRICE, "valid_from": "2020-01-01", "valid_to": "2026-09-29"}),
        ("rule_parameters", {"rule_id": "USE-01", "parameter": "no_such_parameter", "value": "1", **ALWAYS}),
        ("dispositions", {**DECISION, "decided_at": "2026-11-02 10:00:00"}),
        ("dispositions", {**DECISION, "decided_at": "2026-08-02 10:00:00", "decision": "waived"}),
        ("sign_offs", {"activity": "admin_privilege", "period": "2026-06", "by": "Ada", "at": "2026-10-02 10:00:00"}),
    ],
)
def test_a_row_that_no_model_of_the_month_looks_at_changes_nothing(warehouse, known, table, row):
    add(warehouse, "prices", **PRICE | {"offering_key": "revit"}, **ALWAYS)
    add(warehouse, "rule_parameters", rule_id="USE-01", parameter="days", value="90", **ALWAYS)
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    add(warehouse, table, **row)
    assert changed(warehouse, known) == {m: set() for m in MONTHS}


@pytest.mark.parametrize(
    ("table", "row", "touched"),
    [
        ("settings", {"key": "currency", "value": "EUR"}, MONTHS),
        ("prices", {**PRICE, **ALWAYS}, MONTHS),
        ("prices", {**PRICE, "valid_from": "2026-10-31", "valid_to": "9999-12-31"}, ["2026-10"]),
        (
            "rule_parameters",
            {"rule_id": "foundations", "parameter": "settle_days:autocad", "value": "1", **ALWAYS},
            MONTHS,
        ),
        ("dispositions", {**DECISION, "decided_at": "2026-10-02 10:00:00"}, ["2026-10"]),
        ("dispositions", {**DECISION, "decided_at": "2026-11-02 10:00:00", "judged_month": "2026-10"}, ["2026-10"]),
        (
            "sign_offs",
            {"activity": "admin_privilege", "period": "2026-09", "by": "Ada", "at": "2026-10-02"},
            ["2026-09"],
        ),
        (
            "sign_offs",
            {"activity": "entitlement_vs_billing", "period": "2026-09", "by": "Ada", "at": "2026-10-02"},
            # The brief is made in two months.
            ["2026-09", "2026-10"],
        ),
    ],
)
def test_a_row_changes_the_months_whose_models_look_at_it_and_the_history_after_them(
    warehouse, known, table, row, touched
):
    add(warehouse, "prices", **PRICE | {"offering_key": "revit"}, **ALWAYS)
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    add(warehouse, table, **row)
    source = f"reference.{table}"
    for month, sources in changed(warehouse, known).items():
        later = {basis.BEFORE + source} if month > touched[0] else set()
        assert sources == ({source} if month in touched else set()) | later


def test_the_first_row_of_a_table_counts_whatever_its_days_since_a_rule_may_need_the_table(warehouse, known):
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    add(warehouse, "prices", **PRICE, valid_from="2030-01-01", valid_to="9999-12-31")
    assert all("reference.prices" in sources for sources in changed(warehouse, known).values())


def test_the_same_rows_in_another_order_and_from_another_default_are_the_same(warehouse, known):
    other = {**PRICE, "offering_key": "revit", **ALWAYS}
    add(warehouse, "prices", **PRICE, **ALWAYS)
    add(warehouse, "prices", **other)
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    warehouse.execute("delete from reference.prices")
    add(warehouse, "prices", **other, is_default=True)
    add(warehouse, "prices", **PRICE, **ALWAYS, source="an offer of May")
    assert changed(warehouse, known) == {m: set() for m in MONTHS}


def test_a_file_of_a_drop_changes_everything_of_the_months_that_see_it_and_one_of_the_reference_folder_nothing(
    warehouse, known
):
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    file = "insert into raw.file_register (_file_no, drop, path, sha256, verdict) values (?, ?, 'a.csv', 'a', 'loaded')"
    warehouse.execute(file, [1, "reference"])
    assert changed(warehouse, known) == {m: set() for m in MONTHS}
    warehouse.execute(file, [2, "2026-11"])
    assert changed(warehouse, known) == {m: set() for m in MONTHS}
    warehouse.execute(file, [3, "2026-10"])
    assert all(basis.FILES in sources for sources in changed(warehouse, known).values())


def test_evidence_counts_by_its_file_where_a_finding_may_name_it(warehouse, known):
    def register(sha):
        warehouse.execute("delete from raw.file_register")
        warehouse.execute(
            "insert into raw.file_register (_file_no, drop, path, sha256, verdict) values (7, 'reference', 'a.csv', "
            "?, 'loaded')",
            [sha],
        )

    number = 7 * 10_000_000_000 + 1
    register("a")
    add(warehouse, "contract_lines", contract_number="1", offering_key="revit", quantity=1, _src=number)
    add(warehouse, "dispositions", **DECISION, decided_at="2026-08-02 10:00:00", _src=number)
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    register("b")
    assert changed(warehouse, known)["2026-09"] == {"reference.contract_lines"}


def test_a_month_that_the_record_calls_restated_concerns_what_reads_it_only(warehouse, known):
    basis.store(warehouse, basis.basis_of(warehouse, known, MONTHS, ()))
    assert changed(warehouse, known, ["2026-09"]) == {"2026-09": {basis.RUN}, "2026-10": set()}
    assert known.readers[basis.RUN] == {"int_month_state", "review_calendar"}


def test_every_key_of_settings_that_a_model_reads_is_declared(known):
    read = set()
    for name in known.readers["reference.settings"]:
        read |= set(re.findall(r"\bs\.key = '(\w+)'", known.models[name].sql))
    assert read == set(basis.SETTINGS)


@pytest.mark.parametrize("table", basis.AT_AS_OF)
def test_of_a_table_that_counts_at_the_end_of_the_month_models_read_no_other_rows_and_no_day(known, table):
    readers = known.readers[f"reference.{table}"]
    assert readers
    for name in readers:
        # Whether there is a row at all is asked too, and counts.
        sql = " ".join(known.models[name].sql.split())
        sql = sql.replace(f'from "selfaudit"."reference"."{table}" group by review_month', "")
        aliases = re.findall(rf'"reference"\."{table}" as (\w+)', sql)
        assert len(aliases) == len(re.findall(rf'"reference"\."{table}"', sql)), name
        for alias in aliases:
            in_force = rf"{alias}\.valid_from <= \w+\.as_of and \w+\.as_of <= {alias}\.valid_to"
            assert re.search(in_force, sql), f"{name} reads {table} as {alias} on other days"
            rest = re.sub(in_force, "", sql)
            assert not re.search(rf"\b{alias}\.(valid_from|valid_to|\*)", rest), f"{name} looks at days of {table}"


def test_every_parameter_that_a_statement_reads_has_a_shipped_default(known):
    with (SEEDS / "defaults" / "rule_parameters.csv").open(encoding="utf-8", newline="") as handle:
        shipped = {(row["rule_id"], row["parameter"]) for row in csv.DictReader(handle)}
    read = set()
    for model in known.models.values():
        read |= set(re.findall(r"rule_id = '([\w-]+)'\s+and \w+\.parameter = '(\w+)'", model.sql))
    assert len(read) > 40
    assert read <= shipped


def test_no_finding_names_the_file_of_a_table_whose_file_does_not_count(known):
    for table in basis.NO_EVIDENCE:
        for name in known.readers[f"reference.{table}"]:
            uses = re.findall(r"[^\n]*\._src[^\n]*", known.models[name].sql)
            assert all("order by" in line for line in uses), (name, uses)
        keys = set(REFERENCE[table].natural_key)
        assert {"finding_id", "decided_at"} == keys, "two rows of one key would be told apart by their file"


def test_every_intermediate_table_has_a_month_but_those_that_are_made_again_where_they_are_read(known):
    columns = json.loads((dbt_call.PREPARED / dbt_call.COLUMNS).read_text())
    tables = {n for n, m in known.models.items() if m.schema == "intermediate" and m.kind in {"table", BY_PARTS}}
    assert {n for n in tables if "review_month" not in [c for c, _ in columns[n]]} == parts.WITHOUT_MONTH


def test_what_stands_on_a_change_is_made_and_what_it_reads_is_not(known):
    decided = known.descendants(known.readers["reference.dispositions"])
    assert {"findings", "deprovisioning_list", "ghost_ledger"} <= decided
    assert not decided & {"int_finding", "int_person", "licence_position", "chargeback", "focus"}
    assert known.descendants(known.readers["reference.sign_offs"]) == {"review_calendar"}
    order = [m.name for m in known.in_order(known.descendants(known.readers["reference.prices"]))]
    assert order[0] == "int_price" and order.index("findings") > order.index("int_finding")
    assert len(order) == len(set(order)) == len(known.descendants(["int_price"]))


def test_history_is_read_by_what_keeps_rows_of_earlier_months_and_its_readers(known):
    assert known.readers_of_history(known.readers["reference.sign_offs"]) == set()
    after_a_decision = known.readers_of_history(known.readers["reference.dispositions"])
    assert {"findings", "ghost_ledger"} <= after_a_decision
    assert "int_person" not in after_a_decision


def test_a_test_that_finds_rows_stops_the_part(warehouse, known):
    warehouse.execute("attach ':memory:' as selfaudit; create schema selfaudit.calendar")
    warehouse.execute(
        "create table selfaudit.calendar.ghost_ledger as select '2026-10' as review_month, 'a' as team_alias, 'b' as "
        "offering_key, 'c' as person_key "
        "from range(2)"
    )
    (test,) = [t for t in known.tests if t.tested == "ghost_ledger"]
    with pytest.raises(CheckFailedError, match="ghost_ledger"):
        check(warehouse, test)
