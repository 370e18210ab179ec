"""One failure never takes the rest: failures in every layer at once, and every file that does not depend on them is
byte for byte that of a run without them.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed, selfaudit
from tests.fault.surroundings import STABLE, Estate, files, with_moment

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

# Model → (what stands in its text, what is planted in its place), one per layer.
PLANTS = {
    # A staging view that divides by a text: it cannot even be made.
    "stg_outside__invoices": ("r._file_rank as file_rank", "r._file_rank / r.currency as file_rank"),
    # A foundation that fails on its data.
    "int_nlm_server": (
        "{{ lower_case('server') }} as server_key",
        "cast(cast('x' || server as integer) as varchar) as server_key",
    ),
    # A rule that fails on the data of October alone.
    "use_06_collection_to_single": (
        "c.member_price as observed",
        "c.member_price + case when c.review_month >= '2026-10' then cast('ten' || c.team_alias as integer) else 0 end "
        "as observed",
    ),
    # An output.
    "sam_export": ("r.review_month, r.person_key,", "r.review_month, r.days_12m / r.person_key as person_key,"),
    # A Python model.
    "int_rule_repair": ("    members = ", '    raise ValueError("the repair broke")\n    members = '),
    # An output whose test finds each key twice.
    "auditor_count": (
        "from {{ ref('int_auditor_count') }} as c",
        "from {{ ref('int_auditor_count') }} as c cross join (values (1), (2)) as twice (n)",
    ),
}
WRITERS = """
import pipelines.settings
pipelines.settings.DBT_PROJECT = Path({project!r})
from pipelines.publish import versions
real = versions.write_partition
def write(connection, output, *rest):
    part = real(connection, output, *rest)
    if output == 'assignment_history':
        raise RuntimeError('the writer broke after it had moved its file')
    return part
versions.write_partition = write
"""
# What the planted failures take of each month, and what USE-06 takes of October.
TAKEN = {
    "actions",
    "action_totals",
    "savings",
    "chargeback",
    "focus",
    "renewal_brief",
    "compliance_gap_register",
    "sam_export",
    "provisioning_excess",
    "provisioning_rules_update",
    "auditor_count",
    "claim_answers",
    "claim_evidence",
    "assignment_history",
}
OF_OCTOBER = {"reallocation_candidates"}
# Made without the rules that failed, and what tells of them.
OF_EVERY_RULE = {"findings", "rule_runs", "finding_causes", "unverified_findings"}
RECORD = {"publications", "review_calendar", "packs", "pages", "reviews.ics", "versions"}


def planted(folder: Path) -> Path:
    """A copy of the dbt project with the failures in it."""
    project = Path(shutil.copytree(ROOT / "dbt_project", folder / "dbt_project"))
    for name, (text, failing) in PLANTS.items():
        (path,) = (p for p in (project / "models").rglob(f"{name}.*") if p.suffix in {".sql", ".py"})
        assert text in path.read_text(), f"{name} has another text now: plant its failure anew"
        path.write_text(path.read_text().replace(text, failing, 1))
    return project


@dataclass(frozen=True)
class Partly:
    """A run with failures on a copy of the estate: what it said, and the files that it left."""

    done: Reviewed
    now: dict[str, str]
    not_made: set[tuple[str, str, str]]
    rows: dict[str, int]


@pytest.fixture(scope="module")
def partly(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Partly:
    folder = tmp_path_factory.mktemp("partly")
    data = estate.copy(folder / "data")
    done = with_moment(data, WRITERS.format(project=str(planted(folder))), "run")
    with duckdb.connect(str(done.published), read_only=True) as con:
        unmade = set(con.execute("select review_month, kind, name from meta.not_made").fetchall())
        rows = {
            output: con.execute(f"select count(*) from calendar.{output}").fetchall()[0][0]
            for output in sorted(TAKEN | OF_OCTOBER)
        }
    return Partly(done, files(data), unmade, rows)


def place(path: str) -> tuple[str, str, str]:
    """Output, month and form of a published file, as far as its path says."""
    parts = path.split("/")
    month = next((p.partition("=")[2] for p in parts if p.startswith("review_month=")), "")
    if parts[1] == "files":
        return Path(path).stem, parts[2], Path(path).suffix
    return parts[1], month, Path(path).suffix


def is_taken(output: str, month: str) -> bool:
    # The files that do the work are made from the actions.
    return output == "do" or output in TAKEN or (output in OF_OCTOBER and month == "2026-10")


def test_a_run_with_failures_in_every_layer_ends_with_exit_code_4_and_names_them(partly: Partly):
    assert partly.done.exit_code == 4, partly.done.output[-3000:]
    assert "Traceback" not in partly.done.output
    for cause in (
        "stg_outside__invoices",
        "int_nlm_server",
        "use_06_collection_to_single",
        "sam_export",
        "the repair broke",
        "auditor_count_has_each_key_once",
        "the writer broke",
    ):
        assert cause in partly.done.output, cause
    outputs = {(name, month) for month, kind, name in partly.not_made if kind == "output"}
    assert outputs == {(o, m) for o in TAKEN | OF_OCTOBER for m in ("2026-09", "2026-10") if is_taken(o, m)}
    rules = {(name, month) for month, kind, name in partly.not_made if kind == "rule"}
    assert rules == {
        ("ENT-03", "2026-09"),
        ("ENT-03", "2026-10"),
        ("ENT-10", "2026-09"),
        ("ENT-10", "2026-10"),
        ("USE-06", "2026-10"),
    }


def test_what_does_not_depend_on_a_failure_is_byte_for_byte_that_of_a_run_without_it(estate: Estate, partly: Partly):
    compared = set()
    for path, digest in estate.wanted.items():
        output, month, form = place(path)
        if output in RECORD | OF_EVERY_RULE or is_taken(output, month):
            continue
        # The first sheet of a workbook says which rules could not run.
        if form != ".xlsx":
            assert partly.now.get(path) == digest, path
            compared.add(output)
    assert len(compared) >= 10, compared


def test_what_was_not_made_stays_as_it_was_published_in_every_form(estate: Estate, partly: Partly):
    former = {k: v for k, v in estate.former.items() if is_taken(*place(k)[:2])}
    assert any(place(k)[0] == "do" for k in former)
    assert {k: partly.now.get(k) for k in former} == former
    with duckdb.connect(str(estate.base / "published" / "selfaudit.duckdb"), read_only=True) as con:
        before = {o: con.execute(f"select count(*) from calendar.{o}").fetchall()[0][0] for o in TAKEN}
    assert {o: partly.rows[o] for o in TAKEN} == before


def test_the_record_of_a_run_made_in_part_agrees_with_its_files_and_every_command_says_what_is_missing(partly: Partly):
    data = partly.done.data
    assert selfaudit(data, "verify").exit_code == 0
    status = json.loads(selfaudit(data, "status", "--json").output)
    assert {(u["review_month"], u["kind"], u["name"]) for u in status["not_made"]} == partly.not_made
    (sam,) = (u for u in status["not_made"] if (u["name"], u["review_month"]) == ("sam_export", "2026-10"))
    assert sam["stands"] == "version 1 is kept, made from the drops up to 2026-10" and sam["cause"] == "sam_export"
    advice = [r["advice"] for r in json.loads(selfaudit(data, "doctor", "--json").output) if r["area"] == "not made"]
    assert len(advice) == len(partly.not_made)
    page = (data / "published" / "pages" / "2026-10.html").read_text()
    assert "This month is incomplete" in page and "stg_outside__invoices failed" in page
    assert "Version 1, made from the drops up to 2026-10: this run could not make it" in page


def test_the_next_run_makes_what_is_missing_though_no_file_changed(estate: Estate, partly: Partly):
    data = partly.done.data
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output[-3000:]
    now = files(data, STABLE)
    for path, digest in estate.wanted.items():
        if place(path)[0] not in RECORD:
            assert now.get(path) == digest, path
    assert selfaudit(data, "verify").exit_code == 0
    assert "Nothing is new or changed" in selfaudit(data, "run").output
