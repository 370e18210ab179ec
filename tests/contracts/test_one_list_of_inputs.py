"""The contracts are the list of inputs: whatever else names inputs agrees with them, and the steps of README.md "To add
an input" are all needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contracts import INPUTS, Kind
from pipelines.publish.versions import EVENT_INPUTS
from tests.conftest import ROOT
from tests.contracts.inputs import PARTS, disagreements
from tests.contracts.recipe import Step, after, appended, copied, page_of, replaced

NEW = "badge_reader"


def test_everything_that_names_inputs_agrees_with_the_contracts():
    assert disagreements(ROOT) == []


def test_versions_of_a_month_follow_every_event_input():
    assert set(EVENT_INPUTS) == {n for n, c in INPUTS.items() if c.kind is Kind.EVENT}


def contract(root: Path) -> None:
    folder = root / "pipelines" / "contracts"
    text = (folder / "product_access.py").read_text(encoding="utf-8")
    (folder / f"{NEW}.py").write_text(text.replace('name="product_access"', f'name="{NEW}"'), encoding="utf-8")


def registry(root: Path) -> None:
    path = root / "pipelines" / "contracts" / "__init__.py"
    replaced(path, "    contractors,\n", f"    {NEW},\n    contractors,\n")
    replaced(path, "        contractors,\n", f"        {NEW},\n        contractors,\n")


def spellings(root: Path) -> None:
    appended(
        root / "pipelines" / "contracts" / "aliases_outside.csv", f"{NEW},one,seats,seats_total,an invented export"
    )


def suite(root: Path) -> None:
    suites = root / "expectations" / "suites"
    (suites / f"{NEW}.json").write_text((suites / "product_access.json").read_text(encoding="utf-8"), encoding="utf-8")


def meanings(root: Path) -> None:
    appended(root / "pipelines" / "guide" / "columns.csv", f"{NEW},seats_total,Seats,3")


def staging_model(root: Path) -> None:
    folder = root / "dbt_project" / "models" / "staging"
    text = (folder / "outside" / "stg_outside__contractors.sql").read_text(encoding="utf-8")
    path = folder / "outside" / f"stg_outside__{NEW}.sql"
    path.write_text(text.replace("'contractors'", f"'{NEW}'"), encoding="utf-8")


def source(root: Path) -> None:
    path = root / "dbt_project" / "models" / "staging" / "_sources.yml"
    replaced(path, "      - name: contractors\n", f"      - name: contractors\n      - name: {NEW}\n")


def presence(root: Path) -> None:
    (path,) = (root / "dbt_project" / "models").rglob("int_input_present.sql")
    replaced(path, "'contractors',", f"'contractors', '{NEW}',")


def state_of_the_drop(root: Path) -> None:
    (path,) = (root / "dbt_project" / "models").rglob("int_drop_input.sql")
    replaced(path, "'contractors',", f"'contractors', '{NEW}',")


def page(root: Path) -> None:
    appended(root / "docs" / "exporting.md", f"The badge reader's list is `{NEW}`.")


STEPS: list[Step] = [
    contract, registry, spellings, suite, meanings, staging_model, source, presence, state_of_the_drop,
    page,
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("inputs"), PARTS)


def test_with_all_steps_nothing_disagrees(copy: Path, tmp_path: Path):
    assert after(copy, tmp_path / "all", STEPS, disagreements) == []


@pytest.mark.parametrize("left_out", STEPS, ids=lambda step: step.__name__)
def test_a_step_that_is_left_out_is_seen(copy: Path, tmp_path: Path, left_out: Step):
    assert after(copy, tmp_path / "some", STEPS, disagreements, without=left_out)


def test_the_steps_are_those_of_the_page():
    text = page_of("### To add an input")
    for named in ("contracts/<input>.py", "contracts/__init__.py", "aliases.csv", "suites/<input>.json", "columns.csv"):
        assert named in text
    for named in ("__<input>.sql", "_sources.yml", "int_input_present", "int_drop_input", "docs/exporting.md"):
        assert named in text
