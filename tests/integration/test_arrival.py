"""Property: in whatever order and in whatever parts the files of an estate arrive, the publications end the same. More
orders: `python -m benchmarks.arrival`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.arrival import differences, let_arrive, parts_of
from tests.conftest import Reviewed, selfaudit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wanted(small: Reviewed) -> Path:
    return small.data


def reviewed(data: Path) -> None:
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output


@pytest.mark.parametrize("seed", [11])
def test_files_that_arrive_in_random_order_and_parts_end_in_the_same_publications(
    wanted: Path, tmp_path: Path, seed: int
):
    let_arrive(wanted / "landing", tmp_path / "data", parts=2, seed=seed, review=reviewed)
    assert differences(wanted, tmp_path / "data") == []


def test_every_file_is_in_one_part_and_the_first_part_has_a_month(wanted: Path):
    landing = wanted / "landing"
    files = sorted(p.relative_to(landing) for p in landing.rglob("*") if p.is_file())
    for seed in range(50):
        parts = parts_of(landing, 4, seed)
        assert sorted(f for part in parts for f in part) == files
        assert all(parts) and parts[0][0].parts[0] != "reference"


def test_a_publication_of_other_rows_is_seen_as_different(wanted: Path, tmp_path: Path):
    other = Path(shutil.copytree(wanted, tmp_path / "other"))
    runs = sorted((other / "published" / "rule_runs").glob("review_month=*/rule_runs.parquet"))
    assert len(runs) == 2
    shutil.copyfile(runs[1], runs[0])
    gone = other / "published" / "findings" / runs[1].parent.name
    shutil.rmtree(gone)
    found = differences(wanted, other)
    assert f"findings/{gone.name}: only one of them has it" in found
    assert any(text.startswith(f"rule_runs/{runs[0].parent.name}: ") for text in found)
