"""Predicates of group rules: they mean what they mean in SQL, what cannot be read is refused with its place, and the
result of each HR record is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.reference.predicate import (
    COLUMNS,
    MAX_DEPTH,
    PredicateError,
    ensure_predicate_schema,
    evaluate_predicates,
    parse,
)

con = duckdb.connect()
VALUES = st.text(alphabet="aB%_'. \n\\*", max_size=3)
USED = COLUMNS[:2]
TEXTS = VALUES.map(lambda v: "'" + v.replace("'", "''") + "'")
COMPARISONS = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(USED), st.sampled_from(["=", "<>", "!=", "like", "NOT LIKE"]), TEXTS),
    st.builds(
        lambda name, how, texts: f"{name.upper()} {how} ({', '.join(texts)})",
        st.sampled_from(USED), st.sampled_from(["in", "Not In"]), st.lists(TEXTS, min_size=1, max_size=3),
    ),
)  # fmt: skip
PREDICATES = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or", "AND"]), inner),
        st.builds("not {}".format, inner),
        st.builds("({})".format, inner),
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(predicate=PREDICATES, row=st.tuples(*(st.none() | VALUES for _ in USED)))
@example(predicate="not department = 'a' and legal_entity = 'a' or department = 'B'", row=("B", None))
@example(predicate="department like '_%' and not (legal_entity in ('''') or legal_entity <> 'a')", row=("\n", None))
def test_a_predicate_means_what_it_means_in_sql(predicate: str, row: tuple[str | None, ...]):
    found = parse(predicate)(dict.fromkeys(COLUMNS) | dict(zip(USED, row, strict=True)))
    wanted = con.execute(
        f"select {predicate} from (select cast(? as varchar) as {USED[0]}, cast(? as varchar) as {USED[1]})", list(row)
    ).fetchall()
    assert found is wanted[0][0]


def test_a_number_is_compared_as_the_text_it_is():
    row = dict.fromkeys(COLUMNS) | {"cost_centre": "0100", "employee_id": "-1.5"}
    assert parse("cost_centre = 0100 and employee_id in (-1.5)")(row) is True
    assert parse("cost_centre = 100")(row) is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "position 1: a column"),
        ("salary = 'x'", "position 1: a column"),
        ("department", "position 11: `=`, `<>`, `in`, `not in` or `like` was expected"),
        ("department not = 'x'", "position 16: `=`"),
        ("department = legal_entity", "position 14: a text in single quotes was expected"),
        ("department in 'x'", "position 15: `(` was expected"),
        ("department in ()", "position 16: a text in single quotes was expected"),
        ("department in ('x' 'y')", "position 20: `,` or `)` was expected"),
        ("(department = 'x'", "position 18: `)` was expected"),
        ("department = 'x' department = 'y'", "position 18: `and`, `or` or the end was expected"),
        ("department = 'x' and", "position 21: a column"),
        ("department = 'x' ; drop table t", "position 17: '; drop table t' cannot be read"),
        ("department = 'x", "cannot be read"),
        ("(" * MAX_DEPTH + "department = 'x'" + ")" * MAX_DEPTH, f"more than {MAX_DEPTH} levels of parentheses"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_what_was_expected(text: str, said: str):
    with pytest.raises(PredicateError) as raised:
        parse(text)
    assert said in str(raised.value)


def test_as_many_parentheses_as_are_allowed_are_read():
    inner = MAX_DEPTH - 1
    assert parse("(" * inner + "department = 'x'" + ")" * inner)(dict.fromkeys(COLUMNS) | {"department": "x"}) is True


@pytest.fixture
def hr() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("create schema raw")
        made.execute("create schema reference")
        columns = ", ".join(f"{c} varchar" for c in COLUMNS)
        made.execute(f"create table raw.hr_workers ({columns}, _drop varchar, _src bigint)")
        made.execute("create table reference.group_rules (review_month varchar, intended varchar)")
        ensure_predicate_schema(made)
        for src, department, drop in ((1, "BIM", "2026-10"), (2, None, "2026-10"), (3, "BIM", "2026-10"),
                                      (4, "Roads", "2026-10"), (5, "BIM", "2026-09")):  # fmt: skip
            made.execute(
                "insert into raw.hr_workers (department, _drop, _src) values (?, ?, ?)", [department, drop, src]
            )
        yield made


def results(hr: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return hr.execute("select * from reference.predicate_result order by all nulls first").fetchall()


def test_every_record_of_the_months_drop_has_a_result_and_a_null_is_not_satisfied(hr):
    text = "Department <> 'Roads'"
    hr.execute("insert into reference.group_rules values ('2026-10', ?), ('2026-10', ?), ('2026-10', ' ')", [text] * 2)
    assert evaluate_predicates(hr, ["2026-10"]) == []
    wanted = [
        ("2026-10", text, True, src, said) for src, said in ((None, None), (1, True), (2, False), (3, True), (4, False))
    ]
    assert results(hr) == wanted
    # Once more, and for a variant of the month: only what is asked is there.
    hr.execute("update reference.group_rules set review_month = '2026-10~without-rule'")
    assert evaluate_predicates(hr, ["2026-10~without-rule"]) == []
    assert results(hr) == [("2026-10~without-rule", *rest) for _, *rest in wanted]


def test_a_predicate_that_cannot_be_read_is_a_warning_and_its_group_unknown(hr):
    hr.execute("insert into reference.group_rules values ('2026-09', 'nonsense'), ('2026-09', 'department = ''BIM''')")
    (warning,) = evaluate_predicates(hr, ["2026-09"])
    assert "group_rules of 2026-09: the predicate 'nonsense' is not valid, position 1" in warning
    assert results(hr) == [
        ("2026-09", "department = 'BIM'", True, None, None),
        ("2026-09", "department = 'BIM'", True, 5, True),
        ("2026-09", "nonsense", False, None, None),
    ]


def test_a_month_without_records_has_the_predicate_alone(hr):
    hr.execute("insert into reference.group_rules values ('2026-01', 'department = ''BIM''')")
    assert evaluate_predicates(hr, ["2026-01"]) == []
    assert results(hr) == [("2026-01", "department = 'BIM'", True, None, None)]
