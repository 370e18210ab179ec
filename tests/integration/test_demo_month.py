"""The demo estate end to end: what was planted is found, what is published holds together, and it can be made again
byte for byte.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.demo import generate
from pipelines.demo.scoreboard import RuleScore, markdown
from pipelines.publish.datasets import OUTPUT_ORDER
from tests.conftest import Reviewed, selfaudit
from tests.scoreboard import PAGE, scored

EIGHT = (
    "deprovisioning_list",
    "compliance_gap_register",
    "token_forecast",
    "reallocation_candidates",
    "provisioning_rules_update",
    "admin_roster_reconciliation",
    "audit_readiness",
    "renewal_brief",
)


@pytest.fixture(scope="module")
def published(demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def scores(demo: Reviewed) -> list[RuleScore]:
    return scored(demo.data)


def test_a_run_says_its_progress_and_its_ending_and_no_library_says_anything(demo: Reviewed):
    assert re.search(r"\[ *[0-9.]+ s\] [0-9]+ pages written", demo.output)
    found = re.findall(r"(?i).*(?:warning|deprecat|traceback|leak|nanobind).*", demo.output)
    assert found == []


def test_every_planted_violation_is_found_in_every_month_and_nothing_else(scores, capsys):
    with capsys.disabled():
        print("\n" + markdown(scores).split("\n\n")[-1])
    assert [(s.rule_id, s.missed) for s in scores if s.missed] == []
    assert [(s.rule_id, s.spoke) for s in scores if s.spoke] == []
    assert [(s.rule_id, s.unplanned) for s in scores if s.unplanned] == []


def test_every_rule_has_planted_violations_and_near_misses(scores, published):
    rules = {r for (r,) in published.execute("select rule_id from meta.rule_catalogue").fetchall()}
    assert {s.rule_id for s in scores} == rules
    assert {s.rule_id for s in scores if s.planted} == rules
    assert {s.rule_id for s in scores if s.near_misses} == rules


def test_every_finding_of_every_rule_names_a_row_of_a_file(published):
    # CAL-01 is about something that was not done; only a review of a contract has a row, that of the contract.
    assert (
        published.execute(
            "select rule_id, finding_id from calendar.findings where coalesce(evidence, '') = '' "
            "and rule_id <> 'CAL-01'"
        ).fetchall()
        == []
    )
    # Each stands in the register, of the files of the drops or of the company's own tables.
    assert (
        published.execute(
            "select distinct f.rule_id from (select rule_id, unnest(string_split(evidence, ';')) as part from "
            "calendar.findings) as f "
            "where split_part(f.part, ':', 1) not in (select sha256 from calendar.file_register)"
        ).fetchall()
        == []
    )
    named = {r for (r,) in published.execute("select distinct rule_id from calendar.findings").fetchall()}
    assert named == {r for (r,) in published.execute("select rule_id from meta.rule_catalogue").fetchall()}


def test_the_members_of_an_excess_are_listed_by_name_and_members_are_meant_unknown_or_excess(published):
    assert (
        published.execute(
            "select * from calendar.provisioning_rules_update where subject is null and excess is not null and "
            "members <> intended + unknown + excess"
        ).fetchall()
        == []
    )
    assert (
        published.execute(
            "select u.group_name from calendar.provisioning_rules_update as u "
            "left join calendar.provisioning_excess as e using (review_month, team_alias, group_name, offering_key) "
            "where u.subject is null group by u.review_month, u.team_alias, u.group_name, u.offering_key, u.excess "
            "having count(e.person_key) <> coalesce(u.excess, 0)"
        ).fetchall()
        == []
    )


def test_the_scoreboard_page_says_what_is_found(scores):
    assert PAGE.read_text(encoding="utf-8") == markdown(scores), "make scoreboard writes it anew"


@pytest.mark.parametrize(("persons", "months", "seed"), [(100, 1, 1), (120, 3, 2), (150, 12, 3), (400, 6, 7)])
def test_the_estate_is_the_same_bytes_twice_and_its_truth_does_not_contradict_itself(
    tmp_path: Path, persons: int, months: int, seed: int
):
    made = [generate(tmp_path / n / "landing", persons=persons, months=months, seed=seed) for n in ("a", "b")]
    first, second = (
        {
            p.relative_to(tmp_path / n).as_posix(): p.read_bytes()
            for p in sorted((tmp_path / n).rglob("*"))
            if p.is_file()
        }
        for n in ("a", "b")
    )
    assert first == second
    assert made[0].planted > 0


def test_an_estate_too_small_for_its_plants_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="at least 100 persons"):
        generate(tmp_path / "landing", persons=99)


@pytest.mark.parametrize("output", EIGHT)
def test_each_of_the_eight_outputs_has_rows(published, output):
    assert published.execute(f"select count(*) from calendar.{output}").fetchall()[0][0] > 0


def test_no_file_is_lost_and_every_row_accounted_for(demo: Reviewed, published):
    files = {p.relative_to(demo.data / "landing").as_posix() for p in (demo.data / "landing").rglob("*") if p.is_file()}
    manifests = {f for f in files if f.endswith("_manifest.yml")}
    registered = {
        f"{drop}/{path}".split("!")[0].split("#")[0]
        for drop, path in published.execute("select drop, path from calendar.file_register").fetchall()
    }
    assert registered == files - manifests
    breaches = published.execute(
        "select count(*) from calendar.file_register where rows_read <> rows_loaded + rows_rejected + rows_duplicate"
    ).fetchall()[0][0]
    assert breaches == 0
    rejected, kept = published.execute(
        "select (select sum(rows_rejected) from calendar.file_register), (select count(*) from calendar.rejected_rows)"
    ).fetchall()[0]
    assert rejected == kept == 1


def test_the_lines_between_the_auditors_count_and_ours_add_up(published):
    wrong = published.execute(
        "select count(*) from calendar.auditor_count where auditor_count - flex_covered - perpetual_covered - "
        "contractor_own_cover <> defensible_count "
        "or defensible_count - ghost - duplicate - inactive <> after_remediation_count or gap_auditor <> "
        "auditor_count - entitled"
    ).fetchall()[0][0]
    assert wrong == 0


def test_a_finding_is_new_then_open_and_counts_its_months(published):
    history = published.execute(
        "select status, months_open, first_seen_month from calendar.findings where rule_id = 'ADM-01' order by "
        "review_month"
    ).fetchall()
    assert [h[0] for h in history] == ["new", "open", "open", "open", "open", "open"]
    assert [h[1] for h in history] == [1, 2, 3, 4, 5, 6]
    assert {h[2] for h in history} == {"2026-05"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ADM-07", ["waived"] * 5 + ["reopened"]),
        ("CON-04", ["false_positive"] * 6),
        ("USE-08", ["new"] + ["open"] * 5),
        ("USE-07", ["new", "open", "open"] + ["reopened"] * 3),
    ],
)
def test_what_was_decided_is_the_status_until_it_ends(published, rule, expected):
    told = published.execute(
        "select status from calendar.findings where rule_id = ? order by review_month", [rule]
    ).fetchall()
    assert [status for (status,) in told] == expected


def test_every_key_of_an_output_is_there_once(published):
    keys = {
        "findings": "review_month, finding_id",
        "rule_runs": "review_month, rule_id",
        "licence_position": "review_month, team_alias, offering_key",
        "auditor_count": "review_month, team_alias, offering_key",
        "deprovisioning_list": "review_month, team_alias, offering_key, person_key",
        "token_forecast": "review_month, team_alias",
        "file_register": "drop, path",
    }
    for output, key in keys.items():
        twice = published.execute(f"select {key} from calendar.{output} group by all having count(*) > 1").fetchall()
        assert twice == [], output


def test_parquet_and_csv_hold_what_the_database_holds(demo: Reviewed, published):
    for output in OUTPUT_ORDER:
        folder = demo.data / "published" / output
        rows = published.execute(f"select count(*) from calendar.{output} where review_month = '2026-10'").fetchall()[
            0
        ][0]
        month = folder / "review_month=2026-10"
        parquet = duckdb.sql(f"select count(*) from read_parquet('{month}/*.parquet')").fetchall()[0][0]
        opened = demo.data / "published" / "files" / "2026-10" / f"{output}.csv"
        csv = duckdb.sql(f"select count(*) from read_csv('{opened}', header=true, all_varchar=true)").fetchall()[0][0]
        assert rows == parquet == csv, output
        # A spreadsheet reads names with umlauts right only with the mark; other software may stumble over it.
        assert opened.read_bytes().startswith(b"\xef\xbb\xbf") == (output not in ("focus", "sam_export")), output


def test_nothing_changed_is_said_and_costs_no_run_and_leaves_the_warehouse_as_it_was(demo: Reviewed):
    warehouse = demo.data / "warehouse" / "selfaudit.duckdb"

    def months() -> list[tuple]:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            return con.execute("from raw.run_month order by all").fetchall()

    before = months()
    again = selfaudit(demo.data, "run")
    assert again.exit_code == 0
    assert "Nothing is new or changed" in again.output
    assert before and months() == before


def test_without_hr_the_ghost_rule_says_what_it_could_not_see_and_without_usage_nobody_is_called_active(
    copied_landing: Path,
):
    month = copied_landing / "landing" / "2026-10"
    for drop in (copied_landing / "landing").iterdir():
        if drop.name not in {"2026-10", "reference"}:
            shutil.rmtree(drop)
    (month / "hr" / "workers.csv").unlink()
    for name in ("portal/Nutzungsbericht.xlsx", "portal/usage.zip", "portal/Token usage.csv", "telemetry/lrt.ndjson"):
        (month / name).unlink()
    done = selfaudit(copied_landing, "run", "2026-10")
    assert done.exit_code == 3, done.output
    connection = duckdb.connect(str(copied_landing / "published" / "selfaudit.duckdb"), read_only=True)
    runs = {
        r: (a, why, n)
        for r, a, why, n in connection.execute(
            "select rule_id, assessability, reason, findings from calendar.rule_runs"
        ).fetchall()
    }
    assert runs["IDN-01"][0] == "partly" and "hr_workers" in runs["IDN-01"][1]
    assert runs["USE-01"][0] == "not_assessable" and runs["USE-01"][2] is None
    assert runs["LRT-07"][0] == "not_assessable"
    assert connection.execute("select count(*), count(inactive) from calendar.auditor_count").fetchall()[0][1] == 0
    connection.close()


def test_an_unknown_finding_and_a_wrong_month_are_told_apart(demo: Reviewed):
    assert selfaudit(demo.data, "explain", "ffffffffffffffff").exit_code == 1
    wrong = selfaudit(demo.data, "run", "2026-13")
    assert wrong.exit_code == 2 and "YYYY-MM" in wrong.output


def test_a_month_that_nobody_can_know_yet_is_refused(demo: Reviewed):
    published = (demo.data / "published" / "rule_runs").stat().st_mtime_ns
    slip = selfaudit(demo.data, "run", "2926-10")
    assert slip.exit_code == 1 and "2926-10: not over yet on " in slip.output, slip.output
    assert str(demo.data / "landing" / "2926-10") in slip.output and "reviewing" not in slip.output
    assert (demo.data / "published" / "rule_runs").stat().st_mtime_ns == published


def test_status_and_doctor_speak_of_the_demo(demo: Reviewed):
    assert "2026-10" in selfaudit(demo.data, "status").output
    doctor = selfaudit(demo.data, "doctor")
    assert doctor.exit_code == 0 and "perpetual_licences" in doctor.output
