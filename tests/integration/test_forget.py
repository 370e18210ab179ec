"""A person is forgotten: nothing in the data folder names them, counts and the record stay, work that was stopped goes
on, and what is delivered again is replaced.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.commands.forget import forget
from pipelines.commands.verify import Against, verified
from pipelines.errors import DONE, UserError
from pipelines.publish.publications import broken_link, file_sha256, read_chain
from pipelines.run import forgetting, ingestion, reseal
from pipelines.run.discretion import quiet_log
from pipelines.run.erasure import journal_path, refuse_unfinished
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import connect
from tests.conftest import Reviewed, selfaudit
from tests.everything_written import found

DAY = date(2026, 11, 30)


@dataclass(frozen=True)
class Forgotten:
    """A folder of which a person was forgotten, in a call that was stopped and one that went on. name: of the address,
    before its domain. stopped: what a run said in between.
    """

    settings: Settings
    name: str
    number: str
    names: tuple[str, str]
    counts: dict[str, int]
    stopped: str


def counts(settings: Settings) -> dict[str, int]:
    with closing(duckdb.connect(str(settings.published_database), read_only=True)) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('calendar', 'marts') "
            "and table_name <> 'publications' order by 1"
        ).fetchall()
        return {t: con.execute(f"select count(*) from {t}").fetchall()[0][0] for (t,) in tables}


@pytest.fixture(scope="module")
def forgotten(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Forgotten:
    settings = load_settings(Path(shutil.copytree(small.data, tmp_path_factory.mktemp("forget") / "data")))
    with connect(settings) as con:
        email, number, first, last = con.execute(
            "select h.email, h.employee_id, h.first_name, h.last_name from raw.hr_workers as h inner join "
            "calendar.deprovisioning_list as d on d.email = h.email inner join raw.usage as u on u.email = h.email "
            "order by h.email limit 1"
        ).fetchall()[0]
    (settings.state / "dbt" / "logs").mkdir(parents=True, exist_ok=True)
    (settings.state / "dbt" / "logs" / "dbt.log").write_text(f"a row of {email} failed\n")
    (settings.landing / "decisions" / "taken").mkdir(parents=True)
    (settings.landing / "decisions" / "taken" / "notes.txt").write_text(f"ask {first} {last}\n")
    before = counts(settings)
    with pytest.MonkeyPatch.context() as patch:

        def stop(*_: object) -> None:
            raise RuntimeError("power cut")

        patch.setattr(reseal, "write_again", stop)
        with pytest.raises(RuntimeError, match="power cut"):
            forget(settings, email, "request 7", DAY, False, True)
    with pytest.raises(UserError, match="--go-on") as refused:
        refuse_unfinished(settings)
    assert forget(settings, None, "", DAY, False, True, True) == DONE
    return Forgotten(
        settings, email.partition("@")[0], number, (first.lower(), last.lower()), before, str(refused.value)
    )


def test_nothing_in_the_folder_names_the_person(forgotten: Forgotten):
    first, last = forgotten.names
    pattern = rf"\b{re.escape(forgotten.name)}\b|{first},? {last}|\b{forgotten.number.lower()}\b"
    assert found(forgotten.settings.data, pattern.encode()) == {}


def test_every_table_has_as_many_rows_as_before(forgotten: Forgotten):
    assert counts(forgotten.settings) == forgotten.counts
    with closing(duckdb.connect(str(forgotten.settings.published_database), read_only=True)) as con:
        rows = con.execute("select count(*) from calendar.findings where person_key like 'forgotten-%'").fetchall()
    assert rows[0][0] > 0


def test_the_record_says_why_and_everything_is_as_it_says(forgotten: Forgotten):
    assert verified(forgotten.settings, Against()).wrong == []
    with closing(duckdb.connect(str(forgotten.settings.published_database), read_only=True)) as con:
        chain = read_chain(con)
    assert broken_link(chain) == ""
    assert any(e.reason == "forgotten: report 1" for e in chain)
    assert not journal_path(forgotten.settings).exists()


def test_the_report_says_what_was_erased_where_and_not_who(forgotten: Forgotten):
    report = json.loads((forgotten.settings.published / "erasures" / "000001.json").read_text())
    assert report["reason"] == "request 7" and report["left"] == []
    assert report["tables"]["raw.hr_workers"] > 0 and report["tables"]["calendar.findings"] > 0
    assert any(name.startswith("landing/") for name in report["files"])
    assert forgotten.name not in json.dumps(report)


def test_a_run_finds_nothing_new(forgotten: Forgotten):
    done = selfaudit(forgotten.settings.data, "run")
    assert done.exit_code == DONE and "Nothing is new or changed" in done.output


def test_what_is_delivered_again_is_replaced_by_the_same_and_said(forgotten: Forgotten, tmp_path: Path):
    settings = load_settings(Path(shutil.copytree(forgotten.settings.data, tmp_path / "data")))
    drop = settings.landing / "2026-11"
    drop.mkdir()
    address = f"{forgotten.name.upper()}@nordbau.example"
    (drop / "users.csv").write_text(
        "email,first_name,last_name,autodesk_id,role,account_status,offering_name,product_name,team_alias\n"
        f"{address},{forgotten.names[0]},{forgotten.names[1]},u1,User,Verified,AutoCAD,,Harbour Studio\n"
    )
    with quiet_log(settings):
        result = ingestion.ingest(settings, ["2026-11"])
    assert any("delivered again and is replaced in 2026-11/users.csv" in w for w in result.warnings), result.warnings
    with connect(settings) as con:
        rows = con.execute("select email from raw.users where _drop = '2026-11'").fetchall()
        known = con.execute("select count(*) from raw.hr_workers where email = ?", [rows[0][0]]).fetchall()
        register = con.execute("select sha256 from raw.file_register where drop = '2026-11'").fetchall()
    assert rows[0][0].startswith("forgotten-") and known[0][0] > 0
    content = (drop / "users.csv").read_text().lower()
    assert forgotten.name not in content and forgotten.names[1] not in content
    assert register == [(file_sha256(drop / "users.csv"),)]


def test_a_lost_key_of_the_wishes_stops_a_run(forgotten: Forgotten, tmp_path: Path):
    settings = load_settings(Path(shutil.copytree(forgotten.settings.data, tmp_path / "data")))
    (settings.state / "forgotten.key").unlink()
    with pytest.raises(UserError, match=r"forgotten\.key is missing"):
        forgetting.key_of(settings.state)


def test_what_is_signed_is_not_changed_without_the_key(forgotten: Forgotten, tmp_path: Path):
    settings = load_settings(Path(shutil.copytree(forgotten.settings.data, tmp_path / "data")))
    (settings.published / "seals").mkdir()
    (settings.published / "seals" / "000001.json").write_text("{}")
    with pytest.raises(UserError, match="no key is configured"):
        forgetting.refuse_without_key(settings)
