"""Every model, as it is compiled for an engine, is a statement that the engine can read.

The engines themselves are not asked: sqlglot reads what both of them would, and calls of functions are held to the list
of those that Spark 4.3.0 has (`show system functions`). Whether the rows are the same: tests/spark.
"""

import ast
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.dialects import Spark

from tests.dbt.macros import ENGINES, PROJECT, macros, models

FUNCTIONS = set((Path(__file__).parents[1] / "data" / "spark_functions.txt").read_text().split())
# What may stand before a bracket and is no function.
WORDS = {
    "all",
    "and",
    "as",
    "by",
    "distinct",
    "else",
    "except",
    "exists",
    "from",
    "in",
    "join",
    "not",
    "on",
    "or",
    "over",
}
WORDS |= {"select", "then", "union", "using", "values", "when", "where", "with", "within", "try_cast"}
NEXT_PART = "union all -- next part"

# Functions that both engines have and that give other results: what a model calls instead (macros/engine).
BY_MACRO = {
    "lower": "lower_case",
    "upper": "upper_case",
    "trim": "trimmed",
    "ltrim": "trimmed",
    "rtrim": "trimmed",
    "max_by": "greatest_by",
    "min_by": "least_by",
    "arg_max": "greatest_by",
    "arg_min": "least_by",
    "concat": "||",
    "any_value": "min",
    "first": "least_by",
    "last": "greatest_by",
    "collect_list": "evidence_of_lists",
    "collect_set": "evidence",
    "list": "evidence_of_lists",
    "array_agg": "evidence_of_lists",
    "split": "split_rows",
}
# Columns that hold a value in every row that is put in order by them.
NEVER_NULL = {
    "action_id",
    "claim_src",
    "cut",
    "daemon",
    "daemon_no",
    "day",
    "days",
    "drop",
    "drop_as_of",
    "drop_month",
    "feature",
    "file_no",
    "finding_id",
    "first_place",
    "from_day",
    "grade",
    "host_key",
    "is_nameless",
    "kind",
    "late_by",
    "line_number",
    "month_number",
    "offering_key",
    "person_key",
    "place",
    "rank",
    "review_month",
    "seen_month",
    "sequence_at",
    "server_key",
    "severity_place",
    "source",
    "spell",
    "src",
    "standing",
    "team_alias",
    "user_key",
    "valid_from",
}


class NullsLast(Spark):
    """Spark's dialect, with DuckDB's place for nulls."""

    NULL_ORDERING = "nulls_are_last"


def faults(engine: str, statement: str) -> list[str]:
    """Why the engine cannot read a statement, in words."""
    found = []
    for part in statement.split(NEXT_PART):
        try:
            sqlglot.parse_one(part, dialect=engine)
        except sqlglot.errors.ParseError as error:
            found.append(str(error))
        if engine == "spark":
            found += not_of_spark(part) or other_rows(part)
    return found


def other_rows(statement: str) -> list[str]:
    """What both engines read, and understand in different ways."""
    found = (
        ["a backslash in a text is an escape"] if re.search(r"\\(?!u[0-9a-f]{4})", without_comments(statement)) else []
    )
    spark, duckdb = (sqlglot.parse_one(statement, dialect=dialect) for dialect in (Spark, NullsLast))
    for one, other in zip(spark.find_all(exp.Ordered), duckdb.find_all(exp.Ordered), strict=True):
        known = isinstance(one.this, exp.Case | exp.Coalesce) or one.this.name in NEVER_NULL
        if not known and one.args["nulls_first"] != other.args["nulls_first"]:
            found.append(f"order by {one.this.sql()}: nulls are first on Spark and last on DuckDB; say where they are")
    for cast in spark.find_all(exp.Cast):
        if cast.to.is_type(*exp.DataType.INTEGER_TYPES) and isinstance(cast.this.unnest(), exp.Div):
            found.append(f"{cast.sql()}: cut off on Spark and rounded on DuckDB; floor or round")
    return found


def without_comments(statement: str) -> str:
    """A statement without what stands behind `--`."""
    return re.sub(r"--[^\n]*", "", statement)


def by_macro(text: str) -> list[str]:
    """Functions in the text of a model, Jinja and all, that have a macro in their place."""
    plain = re.sub(r"\{#.*?#\}", "", without_comments(text), flags=re.DOTALL)
    called = re.findall(r"(?<![a-z_.])([a-z_]+)\(", plain)
    found = {f"{name}: {BY_MACRO[name]}" for name in called if name in BY_MACRO}
    if re.search(r"try_cast\([^()]* as (integer|bigint|double)\)", plain):
        found.add("try_cast: leading_number, leading_integer")
    return sorted(found)


def not_of_spark(statement: str) -> list[str]:
    """What sqlglot reads as Spark, and Spark does not."""
    plain = re.sub(r"'(?:[^']|'')*'", "''", without_comments(statement)).lower()
    # `as t (a, b)` names columns.
    called = set(re.findall(r"(?<!\bas )\b([a-z_][a-z0-9_]*)\s*\(", re.sub(r"\s+", " ", plain)))
    found = [f"{name} is no function of Spark" for name in sorted(called - FUNCTIONS - WORDS)]
    found += ['a name in "double quotes" is a text'] if '"' in plain else []
    found += ["varchar needs a length: string"] if re.search(r"\bvarchar\b(?!\s*\()", plain) else []
    found += [f"{type_} is no type of Spark" for type_ in re.findall(r"\bas (hugeint|ubigint|[a-z]+\[\])", plain)]
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_every_model_is_in_the_dialect_of_every_engine(engine):
    first, later = models(engine), models(engine, incremental=True)
    texts = [*first.items(), *((name, text) for name, text in later.items() if text != first[name])]
    assert len(first) > 300
    assert len(texts) > len(first)
    assert [(name, said) for name, text in texts if (said := faults(engine, text))] == []


def made_before(statement: str) -> list[list[str]]:
    """(table, query) of each stage of a statement, as Spark's materialization makes them of a model `s.m`."""
    stages: list[list[str]] = ast.literal_eval(macros("spark")("made_before", statement, "s.m"))
    return stages


def strangers(query: str) -> set[str]:
    """What a query reads without a schema, and does not say itself."""
    tree = sqlglot.parse_one(query, dialect="spark")
    said = {expression.alias for expression in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table) if not table.db} - said


def test_stages_of_a_model_read_what_is_made_before_them():
    staged = {name: made_before(text) for name, text in models("spark").items() if "-- made once: " in text}
    assert "int_claim_evidence" in staged
    for name, stages in staged.items():
        assert len(stages) > 1, name
        assert [(table, strangers(query)) for table, query in stages if strangers(query)] == [], name


def test_a_query_that_is_made_once_is_a_table_of_its_own():
    text = "with a as (select 1 as x),\n-- made once: a\nb as (select * from a),\nc as (select * from a)\n"
    text += "-- made once: b, c\nd as (select 2)\nselect * from a, b, c, d"
    assert [table for table, _ in made_before(text)] == ["s.m__a", "s.m__b", "s.m__c", "s.m"]
    assert [strangers(query) for _, query in made_before(text)] == [set()] * 4
    assert made_before(text)[0][1] == "with a as (select 1 as x)\nselect * from a"
    assert made_before("select 1") == [["s.m", "select 1"]]
    forgotten = text.replace("made once: b, c", "made once: b")
    assert strangers(made_before(forgotten)[-1][1]) == {"c"}


def test_no_model_calls_what_engines_do_in_different_ways():
    files = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").glob("*.sql")]
    assert len(files) > 300
    assert {p.name: said for p in files if (said := by_macro(p.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select lower(a) from t", ["lower: lower_case"]),
        ("{{ distinct_text('upper(a)') }}", ["upper: upper_case"]),
        ("select max_by(a, b) from t -- min_by(a, b)", ["max_by: greatest_by"]),
        ("select try_cast(a as double) from t", ["try_cast: leading_number, leading_integer"]),
        ("select {{ lower_case('a') }}, t.list, trim_(a) from t {# lower(a) #}", []),
    ],
)
def test_a_call_that_has_a_macro_is_found(text, said):
    assert by_macro(text) == said


@pytest.mark.parametrize(
    "statement",
    [
        "select row_number() over (order by a) from t",
        "select row_number() over (order by src, a.email) from t",
        "select cast((a / 3) as bigint) from t",
        "select replace(a, '\\n', '') from t",
    ],
)
def test_what_both_engines_read_in_different_ways_is_found(statement):
    assert faults("spark", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select row_number() over (order by a nulls last, b nulls first, c desc, src, coalesce(d, 0)) from t",
        "select cast(floor(a / 3) as bigint) from t",
    ],
)
def test_what_both_engines_read_alike_is_no_fault(statement):
    assert faults("spark", statement) == []


@pytest.mark.parametrize(
    ("engine", "statement"),
    [
        ("duckdb", "select a from t as a left join using (b)"),
        ("spark", "select cast(a as varchar) from t"),
        ("spark", "select strpos(a, 'b') from t"),
        ("spark", "select starts_with(a, 'b') from t"),
        ("spark", "select list_sort(a) from t"),
        ("spark", 'select t."group" from t'),
        ("spark", "select t.* exclude (a) from t"),
        ("spark", "select cast(a as hugeint) from t"),
        ("spark", "select cast(a as bigint[]) from t"),
        ("spark", "select unnest(a) from t"),
    ],
)
def test_what_an_engine_does_not_know_is_found(engine, statement):
    assert faults(engine, statement)


def test_what_both_know_is_no_fault():
    kept = "select a, count(*) as rows_ from (values ('x (y)', 1)) as t (a, b) where instr(a, '\"') > 0 group by a"
    assert [faults(engine, kept) for engine in ENGINES] == [[], []]
