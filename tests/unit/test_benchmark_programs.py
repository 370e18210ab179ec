"""What benchmarks run in a process of its own: the programs that are text there, and what is measured of a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest

from benchmarks import cases
from benchmarks.measure import size_mb


@pytest.mark.parametrize("name", ["LIMIT", "INGEST", "START"])
def test_a_program_that_is_text_can_be_compiled(name: str):
    compile(getattr(cases, name), name, "exec")


def test_the_limit_writes_every_csv_of_every_drop_as_text(tmp_path: Path):
    for drop, rows in (("2026-09", "a,b\n1,x\n"), ("2026-10", "a,b\n02,y\n3,z\n")):
        (tmp_path / "landing" / drop).mkdir(parents=True)
        (tmp_path / "landing" / drop / "usage.csv").write_text(rows)
    subprocess.run(cases.limit(tmp_path), check=True)
    written = tmp_path / "peers" / "limit"
    found = {p.parent.name: duckdb.read_parquet(str(p)).fetchall() for p in written.glob("*/usage.parquet")}
    assert found == {"2026-09": [("1", "x")], "2026-10": [("02", "y"), ("3", "z")]}


def test_what_a_scratch_folder_links_to_is_not_its_size(tmp_path: Path):
    delivered, scratch = tmp_path / "delivered.csv", tmp_path / "scratch"
    scratch.mkdir()
    delivered.write_bytes(bytes(3 << 20))
    (scratch / "_f1.link").symlink_to(delivered)
    assert size_mb(scratch) == 0
    (scratch / "spilled.tmp").write_bytes(bytes(2 << 20))
    assert size_mb(scratch) == 2
