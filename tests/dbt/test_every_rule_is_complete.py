"""Every rule has its model, its catalogue row with a source, its needs and a dbt unit test. Planted cases are scored in
the demo's tests.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import yaml

DBT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = {path.stem for path in (DBT / "models" / "rules").rglob("*.sql")}


def rule_id(model: str) -> str:
    family, number, _ = model.split("_", 2)
    return f"{family}-{number}".upper()


def models_with_tests() -> set[str]:
    return {
        test["model"]
        for path in (DBT / "models").rglob("_unit_tests*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    }


def rows(name: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_rule_has_a_unit_test():
    assert sorted(MODELS - models_with_tests()) == []


def test_every_rule_has_a_catalogue_row_with_question_definition_example_source_and_its_needs():
    catalogue = {row["rule_id"]: row for row in rows("rule_catalogue")}
    needs = {row["rule_id"] for row in rows("rule_needs")}
    assert {rule_id(m) for m in MODELS} == set(catalogue)
    for name, row in catalogue.items():
        assert all(
            row[c].strip()
            for c in ("title", "question", "in_words", "definition", "example", "severity", "key", "source")
        ), name
        assert row["unit"] in {"number", "days", "money", "tokens", "hours", "share", "release", "none"}, name
        assert (row["unit"] == "none") == (not row["observed_is"].strip()), name
        assert bool(row["scope_is"].strip()) == ("S =" in row["key"]), name
    # ENT-12 reads whatever is there, CAL-01 the calendar: they need no file.
    assert set(catalogue) - needs == {"CAL-01", "ENT-12"}


def expected_rows() -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for path in (DBT / "models" / "rules").rglob("_unit_tests*.yml"):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]:
            found.setdefault(rule_id(test["model"]) if test["model"] in MODELS else "", []).extend(
                test["expect"]["rows"]
            )
    return found


EXAMPLE = re.compile(
    r"[Oo]bserved (?P<observed>[\d.]*\d)(?:, threshold (?P<threshold>[\d.]*\d))?(?:, excess (?P<excess>[\d.]*\d))?"
)


def test_the_numbers_of_every_example_are_those_that_a_unit_test_of_the_rule_expects():
    expected = expected_rows()
    for row in rows("rule_catalogue"):
        said = EXAMPLE.search(row["example"])
        assert said and said["threshold"], f"{row['rule_id']} has no example with observed and threshold"
        numbers = {name: float(value) for name, value in said.groupdict().items() if value}
        compared = [
            {name: float(value) for name, value in want.items() if name in numbers and value is not None}
            for want in expected[row["rule_id"]]
        ]
        assert any(want and want.items() <= numbers.items() for want in compared), (row["rule_id"], numbers, compared)


def test_the_exposure_of_the_catalogue_says_how_money_is_made_and_nothing_else():
    assert [r["rule_id"] for r in rows("rule_catalogue") if "|" in r["exposure"]] == []


def test_every_rule_of_the_catalogue_is_in_the_list_of_rule_models():
    listed = set(re.findall(r"'([a-z]+_\d+_\w+)'", (DBT / "macros" / "rule_list.sql").read_text(encoding="utf-8")))
    assert listed == MODELS
