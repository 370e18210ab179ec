"""Data that is kept longer than the settings say is taken away by `selfaudit retain`, recorded, and not made again."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import dagster as dg
import duckdb
import pytest

from pipelines.commands.retain import retain
from pipelines.commands.verify import Against, verified
from pipelines.defs.instance import prepare_instance
from pipelines.defs.jobs import JOB
from pipelines.errors import DONE, FAILED, UserError
from pipelines.publish.packs import OF_TABLES, archived_reference_path, pack_path, reference_hashes_of_pack, verify_pack
from pipelines.publish.publications import broken_link, read_chain
from pipelines.reference.retention import CLASSES, TABLES
from pipelines.run import ingestion, retention
from pipelines.run.answers import Answer, text_of
from pipelines.run.landing_check import due_now
from pipelines.run.months import frozen_months
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import connect
from tests.conftest import Reviewed, selfaudit
from tests.everything_written import found

FIRST, LAST = "2026-09", "2026-10"
# What a table of the company was called by its bytes, before somebody changed it.
FORMER = "f" * 64
OVER = dg.DagsterRunStatus.SUCCESS
ADDRESS = rb"[a-z0-9._-]+@(?:nordbau|planwerk|freelance)\.example"


def with_settings(data: Path, **months: int) -> Settings:
    """The folder with these settings, as a run that found nothing else changed would leave it."""
    settings = load_settings(data)
    with (settings.landing / "reference" / "settings.csv").open("a") as handle:
        handle.writelines(f"retention_months_{kind},{n}\n" for kind, n in months.items())
    assert selfaudit(data, "run").exit_code in (0, 3)
    return settings


@pytest.fixture(scope="module")
def kept(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder with a limit for every class, of which nothing is taken away yet."""
    data = Path(shutil.copytree(small.data, tmp_path_factory.mktemp("retention") / "data"))
    settings = with_settings(data, deliveries=15, persons=15, packs=2, work=1, decisions=3, tables=15, history=3)
    taken = settings.landing / "decisions" / "taken"
    (taken / "of a team").mkdir(parents=True)
    for name, day in (("of a team/old.xlsx", "2026-12-01"), ("new.xlsx", "2027-11-01")):
        (taken / name).write_bytes(b"filled in")
        text = text_of(Answer(name, problem="none"), datetime.fromisoformat(day), "0" * 64, private=False)
        (taken / f"{name}.answer.txt").write_text(text)
    archived_reference_path(settings.published, FORMER).write_bytes(b"a table as it was once")
    settings.apply_to_environment()
    prepare_instance(settings)
    with dg.DagsterInstance.get() as instance:
        for number, day in enumerate((datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC))):
            with pytest.MonkeyPatch.context() as clock:
                clock.setattr("dagster._core.storage.runs.sql_run_storage.get_current_datetime", lambda day=day: day)
                instance.add_run(dg.DagsterRun(job_name=JOB, run_id=str(UUID(int=number)), status=OVER))
    return settings


@pytest.fixture(scope="module")
def retained(kept: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same, of which the first month was taken away, in a call that was stopped and one that went on."""
    settings = load_settings(Path(shutil.copytree(kept.data, tmp_path_factory.mktemp("retained") / "data")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention._held, "__call__", lambda self, month: "contract 7" if month == LAST else "")
        with pytest.MonkeyPatch.context() as power:

            def cut(*_: object) -> None:
                raise RuntimeError("power cut")

            power.setattr(retention, "_persons", cut)
            with pytest.raises(RuntimeError, match="power cut"):
                retain(settings, date(2028, 2, 1), False, True)
        with pytest.raises(UserError, match="selfaudit retain"):
            ingestion.ingest(settings, [LAST])
        assert retain(settings, date(2028, 2, 1), False, True) == DONE
    return settings


def test_what_is_due_is_counted_from_the_end_of_the_month_and_contracts_hold_it(kept: Settings):
    with connect(kept) as con:
        holding = con.execute("select count(*) from marts.dim_contract where end_date >= '2027-11-30'").fetchall()
    assert holding[0][0] > 0
    due = {one.kind: one for one in retention.due(kept, date(2026, 11, 30))}
    assert due["work"].taken == (FIRST,) and set(due) == {"work"}
    due = {one.kind: one for one in retention.due(kept, date(2027, 12, 31))}
    assert due["work"].taken == (FIRST, LAST) and due["packs"].taken == ()
    assert due["packs"].held[FIRST].startswith(("claim", "contract", "tokens"))
    assert "deliveries" not in due
    assert "deliveries" in {one.kind for one in retention.due(kept, date(2028, 1, 1))}


def test_a_dry_run_changes_nothing(kept: Settings, capsys: pytest.CaptureFixture[str]):
    before = {p: p.stat().st_mtime_ns for p in kept.published.rglob("*") if p.is_file()}
    assert retain(kept, date(2026, 11, 30), True, True) == DONE
    assert json.loads(capsys.readouterr().out)["classes"][0]["taken"] == [FIRST]
    assert {p: p.stat().st_mtime_ns for p in kept.published.rglob("*") if p.is_file()} == before


def test_tables_that_were_not_read_yet_are_read_first(kept: Settings, tmp_path: Path):
    settings = load_settings(Path(shutil.copytree(kept.data, tmp_path / "data")))
    with (settings.landing / "reference" / "settings.csv").open("a") as handle:
        handle.write("retention_months_packs,1\n")
    with pytest.raises(UserError, match="Run `selfaudit run` first"):
        retain(settings, date(2028, 2, 1), False, True)


def test_deliveries_of_a_month_are_gone_and_the_register_says_so(retained: Settings):
    assert not (retained.landing / FIRST).exists() and (retained.landing / LAST).is_dir()
    with connect(retained) as con:
        assert con.execute("select count(*) from raw.users where _drop = ?", [FIRST]).fetchall() == [(0,)]
        assert con.execute("select count(*) > 0 from raw.users where _drop = ?", [LAST]).fetchall() == [(True,)]
    with closing(duckdb.connect(str(retained.published_database), read_only=True)) as con:
        rows = con.execute("select distinct verdict, message from calendar.file_register where drop = ?", [FIRST])
        assert rows.fetchall() == [("removed", "removed after 15 months (setting retention_months_deliveries)")]


def test_nobody_is_named_in_what_is_published_of_the_month_and_rows_stay(retained: Settings, kept: Settings):
    def rows(settings: Settings) -> list[tuple[object, ...]]:
        with closing(duckdb.connect(str(settings.published_database), read_only=True)) as con:
            return con.execute(
                "select rule_id, count(*), sum(exposure_amount), count(distinct person_key) from calendar.findings "
                "where review_month = ? group by 1 order by 1",
                [FIRST],
            ).fetchall()

    assert rows(retained) == rows(kept)
    named = found(retained.published, ADDRESS, ("versions/reference/", "selfaudit.duckdb"))
    assert [name for name in named if FIRST in name] == []
    with closing(duckdb.connect(str(retained.published_database), read_only=True)) as con:
        told = con.execute(
            "select count(*) filter (where contains(to_json(f)::varchar, '@')) from calendar.findings as f where "
            "review_month = ?",
            [FIRST],
        ).fetchall()
    assert told == [(0,)]


def test_files_of_the_classes_are_gone(retained: Settings):
    assert sorted(p.stem for p in (retained.published / "packs").glob("*.zip")) == [LAST]
    assert not (retained.published / "do" / FIRST).exists()
    assert list((retained.published / "reviewers").glob(f"*/{FIRST}.xlsx")) == []


def test_what_was_handed_in_and_dagsters_history_go_by_the_day_on_which_they_came(retained: Settings, kept: Settings):
    def there(settings: Settings) -> tuple[list[str], list[int]]:
        taken = settings.landing / "decisions" / "taken"
        settings.apply_to_environment()
        with dg.DagsterInstance.get() as instance:
            runs = sorted(UUID(run.run_id).int for run in instance.get_runs())
        return sorted(p.relative_to(taken).as_posix() for p in taken.rglob("*")), runs

    new = ["new.xlsx", "new.xlsx.answer.txt"]
    assert there(kept) == ([*new, "of a team", "of a team/old.xlsx", "of a team/old.xlsx.answer.txt"], [0, 1])
    assert there(retained) == (new, [1])


def test_former_bytes_of_the_companys_tables_go_and_packs_do_not_ask_for_them(retained: Settings, kept: Settings):
    assert (
        archived_reference_path(kept.published, FORMER).is_file()
        and not archived_reference_path(retained.published, FORMER).exists()
    )
    with connect(retained) as con:
        rows = con.execute("select distinct sha256 from raw.file_register where drop = 'reference'").fetchall()
    stands_on = {sha for (sha,) in rows}
    assert (
        stands_on
        and {p.name for p in archived_reference_path(retained.published, FORMER).parent.iterdir()} <= stands_on
    )
    # The month that is held goes on to name what it stands on.
    assert reference_hashes_of_pack(pack_path(retained.published, LAST)) == stands_on
    assert verify_pack(pack_path(retained.published, LAST), retained.published, retained.landing) == []
    assert OF_TABLES == TABLES


def test_the_record_names_the_settings_and_holds(retained: Settings):
    assert verified(retained, Against()).wrong == []
    with closing(duckdb.connect(str(retained.published_database), read_only=True)) as con:
        chain = read_chain(con)
    assert broken_link(chain) == ""
    for kind in CLASSES:
        assert any(f"setting retention_months_{kind})" in e.reason for e in chain if e.review_month == FIRST), kind


def test_a_month_without_its_deliveries_is_not_made_again(retained: Settings):
    assert frozen_months(retained) == {FIRST, LAST}
    assert due_now(retained, [FIRST, LAST]) == []
    for command in (("run", FIRST), ("replay", LAST)):
        done = selfaudit(retained.data, *command)
        assert done.exit_code == FAILED and "cannot be made again" in done.output, done.output


def test_what_was_taken_away_is_not_due_again(retained: Settings):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention._held, "__call__", lambda self, month: "contract 7" if month == LAST else "")
        assert [one for one in retention.due(retained, date(2028, 2, 1)) if one.taken] == []
