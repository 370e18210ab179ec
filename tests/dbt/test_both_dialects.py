"""Every model, as it is compiled for an engine, is a statement that the engine can read.

The engines themselves are not asked: sqlglot reads what both of them would, and calls of functions are held to the list
of those that Spark 4.3.0 has (`show system functions`). Whether the rows are the same: tests/spark.
"""

import re
from pathlib import Path

import pytest
import sqlglot

from tests.dbt.macros import ENGINES, models

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


def faults(engine: str, statement: str) -> list[str]:
    """Why the engine cannot read a statement, in words."""
    found = []
    for part in statement.split(NEXT_PART):
        try:
            sqlglot.parse_one(part, dialect=engine)
        except sqlglot.errors.ParseError as error:
            found.append(str(error))
        if engine == "spark":
            found += not_of_spark(part)
    return found


def not_of_spark(statement: str) -> list[str]:
    """What sqlglot reads as Spark, and Spark does not."""
    plain = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", statement)).lower()
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
