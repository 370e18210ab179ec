"""A data folder that another version of the models made: nothing is lost, and no month of other rules stays beside the
new ones.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from tests.conftest import Reviewed, selfaudit


def test_after_a_change_of_the_rules_every_month_is_made_again_and_the_record_goes_on(demo: Reviewed, tmp_path: Path):
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)
    (data / "state" / "rules_fingerprint").write_text("of another version")
    with duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb")) as warehouse:
        warehouse.execute("alter table calendar.findings add column of_another_version integer")
        before = warehouse.execute("select max(place), max(entry_hash) from calendar.publications").fetchall()
    done = selfaudit(data, "run", "2026-10")
    assert done.exit_code in (0, 3), done.output
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
