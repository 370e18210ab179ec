"""Every parameter of a rule that has an offering can be set for one offering: read so everywhere, and changing that
offering's findings and no other's.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed
from tests.dbt.warehouse import as_tables

DBT = ROOT / "dbt_project"
READS = re.compile(r"(param\w*)\(\s*'([A-Z]{3}-[0-9]{2})',\s*'(\w+)'")
# How many seconds a denial may wait for a grant is counted beside the findings of ENT-10 and decides none.
NOT_OF_THE_RULE = {("ENT-10", "grant_seconds")}
EXTREMES = {"pattern": ("zzz", "a;b;c;d;e;f;g;h;i;j;k;l;m;n;o")}


def parameters() -> list[tuple[str, str, str]]:
    """(rule, parameter, view of the rule) of every rule with an offering in its key, from the shipped table and the
    catalogue.
    """
    with (DBT / "seeds" / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        with_offering = {r["rule_id"] for r in csv.DictReader(handle) if re.search(r"(^|[\s,])O\b", r["key"])}
    views = {p.stem[:6].upper().replace("_", "-"): p.stem for p in (DBT / "models" / "rules").rglob("*.sql")}
    with (DBT / "seeds" / "defaults" / "rule_parameters.csv").open(encoding="utf-8", newline="") as handle:
        named = [(r["rule_id"], r["parameter"]) for r in csv.DictReader(handle)]
    return [(r, p, views[r]) for r, p in named if r in with_offering and (r, p) not in NOT_OF_THE_RULE]


def test_the_table_and_the_catalogue_name_the_parameters_of_rules_with_an_offering():
    assert len(parameters()) >= 25
    assert {r for r, _, _ in parameters()} >= {"ENT-03", "ENT-05", "USE-04", "LRT-04", "CON-04", "IDN-06"}


def test_every_model_reads_such_a_parameter_with_its_override():
    wanted = {(r, p) for r, p, _ in parameters()}
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted((DBT / "models").rglob("*.sql")):
        for macro, rule, name in READS.findall(path.read_text(encoding="utf-8")):
            if (rule, name) in wanted:
                assert macro in {"param_for", "param_text_for"}, f"{path.name} reads {rule} {name} without an override"
                found[rule, name] += 1
    assert set(found) == wanted


@pytest.fixture(scope="module")
def estate(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory):
    """The warehouse of the demo, with a function that sets parameters and one that reads what a rule says of each
    offering.
    """
    file = tmp_path_factory.mktemp("parameters") / "selfaudit.duckdb"
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", file)
    with duckdb.connect(str(file)) as con:
        con.execute("set threads = 2")
        as_tables(con, "int_parameter")
        con.execute("create table kept as select * from intermediate.int_parameter")
        yield con


def findings(con: duckdb.DuckDBPyConnection, view: str, *rows: tuple[str, str, str, str]) -> dict[str, Counter[tuple]]:
    """Offering → its findings, with parameters (rule, parameter, offering or '', value) set."""
    con.execute("create or replace table intermediate.int_parameter as select * from kept")
    for rule, name, offering, value in rows:
        con.execute(
            "delete from intermediate.int_parameter where rule_id = ? and parameter = ? and offering_key = ?",
            [rule, name, offering],
        )
        con.execute(
            "insert into intermediate.int_parameter by name select distinct review_month, ? as rule_id, ? as "
            "parameter, ? as offering_key, ? as value from kept",
            [rule, name, offering, value],
        )
    said: dict[str, Counter[tuple]] = {}
    for offering, *rest in con.execute(
        "select coalesce(offering_key, ''), review_month, team_alias, person_key, scope, observed, threshold, excess, "
        "severity, detail "
        f"from rules.{view}"
    ).fetchall():
        said.setdefault(offering, Counter())[tuple(rest)] += 1
    return said


def test_a_value_for_one_offering_is_the_general_value_there_and_nothing_elsewhere(estate):
    bites = set()
    for rule, name, view in parameters():
        before = findings(estate, view)
        for value in EXTREMES.get(name, ("0", "2" if "factor" in name or "share" in name else "500")):
            everywhere = findings(estate, view, (rule, name, "", value))
            changed = [o for o in sorted(before | everywhere) if o and before.get(o) != everywhere.get(o)]
            for offering in changed[:1]:
                here = findings(estate, view, (rule, name, offering, value))
                assert here.get(offering) == everywhere.get(offering), (rule, name, offering, value)
                assert here | {offering: None} == before | {offering: None}, (rule, name, offering, value)
                bites.add((rule, name))
    assert len(bites) >= 15, sorted(bites)
