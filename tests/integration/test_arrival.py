"""What `python -m benchmarks.arrival` stands on: files that arrive in any order and in parts, publications compared.
One such order is a test of `test_restatement`; the benchmark tries as many as it is asked for.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.arrival import differences, parts_of
from tests.conftest import Reviewed


@pytest.fixture(scope="module")
def wanted(small: Reviewed) -> Path:
    return small.data


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
