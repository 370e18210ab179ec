"""The rule models are the list of rules: whatever else names rules agrees, and the steps of README.md "To add a rule"
are all needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contracts.recipe import Step, after, appended, copied, page_of, replaced
from tests.contracts.rules import rule_disagreements

PARTS = (
    "pipelines/demo/plants",
    "dbt_project/models/rules",
    "dbt_project/macros",
    "dbt_project/seeds",
    "tests/oracle",
    "docs/scoreboard.md",
)
RULE, MODEL = "USE-99", "use_99_invented"


def test_everything_that_names_rules_agrees_with_the_models():
    assert rule_disagreements(ROOT) == []


def model(root: Path) -> None:
    folder = root / "dbt_project" / "models" / "rules" / "activity"
    (folder / f"{MODEL}.sql").write_text("-- USE-99: invented. Grain: none.\nselect 1", encoding="utf-8")


def rule_list(root: Path) -> None:
    path = root / "dbt_project" / "macros" / "rule_list.sql"
    replaced(path, "'use_10_", f"'{MODEL}', 'use_10_")


def catalogue(root: Path) -> None:
    path = root / "dbt_project" / "seeds" / "rule_catalogue.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("USE-10,"))
    appended(path, row.replace("USE-10", RULE, 1))


def needs(root: Path) -> None:
    path = root / "dbt_project" / "seeds" / "rule_needs.csv"
    row = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("USE-10,"))
    appended(path, row.replace("USE-10", RULE, 1))


def unit_test(root: Path) -> None:
    path = root / "dbt_project" / "models" / "rules" / "activity" / "_unit_tests.yml"
    appended(path, f"  - name: use_99_is_invented\n    model: {MODEL}\n    given: []\n    expect: {{rows: []}}")


def plant(root: Path) -> None:
    appended(root / "pipelines" / "demo" / "plants" / "matching.py", f'# world.plant("{RULE}", kind, note)')


def oracle(root: Path) -> None:
    appended(root / "tests" / "oracle" / "use.py", f'RULES |= {{"{RULE}": use_10}}')


def oracle_needs(root: Path) -> None:
    appended(root / "tests" / "oracle" / "assessability.py", f'NEEDS |= {{"{RULE}": "A"}}')


def scoreboard(root: Path) -> None:
    appended(root / "docs" / "scoreboard.md", f"| {RULE} | 1 | 1 | 0 | 1.00 | 1.00 | 1 | 0 |")


STEPS: list[Step] = [
    model, rule_list, catalogue, needs, unit_test, plant, oracle, oracle_needs, scoreboard
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("rules"), PARTS)


def test_with_all_steps_nothing_disagrees(copy: Path, tmp_path: Path):
    assert after(copy, tmp_path / "all", STEPS, rule_disagreements) == []


@pytest.mark.parametrize("left_out", STEPS, ids=lambda step: step.__name__)
def test_a_step_that_is_left_out_is_seen(copy: Path, tmp_path: Path, left_out: Step):
    assert after(copy, tmp_path / "some", STEPS, rule_disagreements, without=left_out)


def test_the_steps_are_those_of_the_page():
    text = page_of("### To add a rule")
    for named in ("models/rules/", "rule_list.sql", "rule_catalogue.csv", "rule_needs.csv", "_unit_tests.yml"):
        assert named in text
    for named in ("demo/plants/", "make scoreboard", "tests/oracle/", "make golden", "make rule"):
        assert named in text
