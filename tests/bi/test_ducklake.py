"""The DuckLake catalogue over the published folders: every table with its months, rows and comments, read by a client
with the extension alone; nothing in the published folder is touched.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed

PYTHON = ROOT / ".venv-ducklake" / "bin" / "python"
PROGRAM = ROOT / "pipelines" / "publish" / "ducklake" / "catalogue.py"
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from catalogue import connect
con = connect()
con.execute(f"attach 'ducklake:{sys.argv[2]}' as lake (read_only)")
names = con.execute(
    "select schema_name, table_name, comment from duckdb_tables() where database_name = 'lake' "
    "and schema_name in ('calendar', 'marts') order by all"
).fetchall()
counted = {
    f"{s}.{t}": con.execute(f"select review_month, count(*) from lake.{s}.{t} group by 1 order by 1").fetchall()
    for s, t, _ in names
}
silent = con.execute(
    "select count(*) from duckdb_columns() where database_name = 'lake' and schema_name in ('calendar', 'marts') "
    "and comment is null"
).fetchall()[0][0]
snapshots = con.execute("select count(*) from ducklake_snapshots('lake')").fetchall()[0][0]
print(json.dumps([counted, {f"{s}.{t}": c for s, t, c in names}, silent, snapshots]))
"""
pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="the DuckLake extension is not installed here; `make ducklake-install` does it"
)


def test_a_catalogue_names_every_table_month_and_column_of_the_publication(demo: Reviewed, tmp_path: Path):
    folder = demo.data / "published"
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    target = tmp_path / "lake" / "selfaudit.ducklake"
    for _ in range(2):  # The second one takes the place of the first.
        command = [PYTHON, PROGRAM, "--published", folder, "--to", target]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    done = subprocess.run(
        [PYTHON, "-c", ASK, PROGRAM.parent, target], check=True, capture_output=True, text=True, timeout=120
    )
    counted, comments, silent, snapshots = json.loads(done.stdout)
    with duckdb.connect(str(demo.published), read_only=True) as con:
        names = con.execute(
            "select schema_name, table_name, comment from duckdb_tables() where schema_name in ('calendar', 'marts')"
        ).fetchall()
        # The register has rows of the reference folder besides, which belong to no month.
        wanted = {
            f"{s}.{t}": [
                list(row)
                for row in con.execute(
                    f"select review_month, count(*) from {s}.{t} where review_month like '2026-%' group by 1 order by 1"
                ).fetchall()
            ]
            for s, t, _ in names
        }
    assert counted == wanted
    assert comments == {f"{s}.{t}": c for s, t, c in names}
    # The empty catalogue, and one snapshot with everything.
    assert (silent, snapshots) == (0, 2)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    assert [p.name for p in target.parent.iterdir()] == [target.name]
    assert target.stat().st_mode & 0o777 == 0o640


def test_where_nothing_is_published_it_says_so(tmp_path: Path):
    command = [PYTHON, PROGRAM, "--published", tmp_path, "--to", tmp_path / "x.ducklake"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "`selfaudit run` makes it" in done.stderr
    assert list(tmp_path.iterdir()) == []
