"""A data folder that another version of the models made: nothing is lost, and no month of other rules stays beside the
new ones.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Reviewed, selfaudit

# A reader that has the published file open: counts findings, waits, counts again.
READER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in range(2):
    print(con.execute("select count(*) from calendar.findings").fetchall()[0][0], flush=True)
    sys.stdin.readline()
"""


def hashes(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.suffix in {".parquet", ".csv"}
    }


@pytest.mark.thorough
def test_after_a_change_of_the_rules_every_month_is_made_again_to_the_same_bytes_while_a_reader_holds_the_file(
    demo: Reviewed, tmp_path: Path
):
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)
    (data / "state" / "rules_fingerprint").write_text("of another version")
    with duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb")) as warehouse:
        warehouse.execute("alter table calendar.findings add column of_another_version integer")
        before = warehouse.execute("select max(place), max(entry_hash) from calendar.publications").fetchall()
    published_before = hashes(data / "published")
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(data / "published" / "selfaudit.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        first = reader.stdout.readline()
        done = selfaudit(data, "run", "2026-10")
        rest, _ = reader.communicate(input="\n\n")
    # 3: the first months have no drop of three months before, so the growth of groups is not assessable in them.
    assert done.exit_code == 3, done.output
    assert int(first) > 0 and rest == first
    assert hashes(data / "published") == published_before
    assert "every month is made again" in done.output
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as published:
        columns = {row[0] for row in published.execute("describe calendar.findings").fetchall()}
        months = published.execute("select count(distinct review_month) from calendar.rule_runs").fetchall()[0][0]
        after = published.execute("select max(place), max(entry_hash) from calendar.publications").fetchall()
    assert "of_another_version" not in columns
    assert months == 6
    # The same rules under another name give the same rows: no new version.
    assert after == before


def test_a_rule_parameter_that_is_no_number_is_refused_with_its_place(copied_landing: Path):
    path = copied_landing / "landing" / "reference" / "rule_parameters.csv"
    text = path.read_text() if path.is_file() else "rule_id,parameter,value,valid_from,valid_to,source\n"
    path.write_text(text.rstrip("\n") + '\nIDN-04,share,"0,1",2020-01-01,,typed with a comma\n')
    done = selfaudit(copied_landing, "run", "2026-05")
    assert done.exit_code == 1
    assert (
        "IDN-04 share is '0,1' (reference/rule_parameters.csv row" in done.output and "is not a number" in done.output
    )
    assert "Traceback" not in done.output
