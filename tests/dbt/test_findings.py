"""Every rule view gives to the macro `finding` what it found, and the list of columns that it names is the list of
those that it has: one that is not named would be lost without an error.

What a rule finds: the unit tests of the models, the golden rows, the oracle.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pytest
import sqlglot

from tests.dbt.macros import PROJECT, macros, models

RULES = sorted((PROJECT / "models" / "rules").rglob("*.sql"))
ALWAYS = {"review_month", "observed", "threshold", "severity", "recommended_action", "evidence", "detail"}
WITH_EXPOSURE = {"exposure", "currency", "price_basis"}
CALL = re.compile(r"select \{\{ finding\('([A-Z]{3}-[0-9]{2})'(?:, \[([^\]]*)\])?\) \}\}\nfrom found\n\Z")


def given(text: str) -> tuple[str, set[str]]:
    """The rule of a model, and the columns of `found` that it says it has."""
    called = CALL.search(text)
    assert called is not None, "does not end with the macro over `found`"
    named = set(re.findall(r"'(\w+)'", called[2] or ""))
    assert not named & (ALWAYS | WITH_EXPOSURE - {"exposure"}), "names a column that every finding has"
    return called[1], ALWAYS | named | (WITH_EXPOSURE if "exposure" in named else set())


def columns(statement: str) -> list[str]:
    """The columns of `found`, in order."""
    parsed = sqlglot.parse_one(statement, dialect="duckdb")
    (found,) = (cte.this for cte in parsed.args["with_"].expressions if cte.alias == "found")
    return list(found.named_selects)


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.stem)
def test_a_rule_names_the_columns_that_it_found_and_no_others(path):
    rule, named = given(path.read_text(encoding="utf-8"))
    assert rule == path.stem[:6].upper().replace("_", "-")
    found = columns(models("duckdb")[path.stem])
    assert sorted(found) == sorted(named)
    assert found.index("detail") == len(found) - 1, "the sentence stands last"


def test_what_a_rule_names_is_published_and_what_it_does_not_is_null_or_has_a_default():
    bare = "2026-08", 5, 3, "high", "review", [7, 8], "Said."
    names = "review_month, observed, threshold, severity, recommended_action, evidence, detail"
    rest = {
        "team_alias": "A",
        "offering_key": "revit",
        "person_key": "p@x.example",
        "scope": "s",
        "excess": 9,
        "exposure": 10,
        "currency": "EUR",
        "price_basis": "list",
        "exposure_over": 3,
        "evidence_count": 40,
        "confidence": "low",
        "route": "direct",
        "amount_now": 2,
        "amount_alternative": 1,
        "break_even_days_year": 4,
        "days_12m": 6,
        "months_observed": 12,
        "receiver_person_key": "q@x.example",
        "seats_to_buy": 11,
        "cure": "move",
    }
    besides = [name for name in rest if name not in WITH_EXPOSURE - {"exposure"}]
    default = {"excess": 2, "exposure_over": 1, "evidence_count": 2, "confidence": "high"}
    with duckdb.connect() as con:
        values = [*bare, *rest.values(), 2.5]
        marks = ", ".join("?" for _ in values)
        found = f"with found ({names}, {', '.join(rest)}, exposure_amount) as (values ({marks})) select "

        def published(columns: list[str]) -> dict[str, Any]:
            made = con.execute(found + macros()("finding", "USE-01", columns) + " from found", values)
            (row,) = made.fetchall()
            return dict(zip((d[0] for d in made.description), row, strict=True))

        full, none = published(besides), published([])
        assert list(full) == list(none)
        own = dict(zip(names.split(", "), bare, strict=True)) | {"rule_id": "USE-01"}
        assert {k: full[k] for k in own} == {k: none[k] for k in own} == own
        # 10 divided by 3, rounded once.
        assert str(full.pop("exposure_amount")) == "3.33"
        assert float(full.pop("exposure_times_over")) == 10
        assert full == own | {k: v for k, v in rest.items() if k != "exposure"}
        assert none == dict.fromkeys(none) | own | default
        assert str(published(["exposure"])["exposure_amount"]) == "10.00"
        # Where a rule shows both amounts of a difference, the difference is theirs.
        assert float(published(["exposure", "exposure_amount"])["exposure_amount"]) == 2.5
