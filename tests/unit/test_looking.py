"""Whoever looks changes nothing: commands that only tell, and the question of what is due, leave a data folder as it
was, to the last byte, time and right.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli import main
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema, to_look
from pipelines.run import landing_check, months
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, connect, connect_to_look, while_nobody_writes, writer_lock

USERS = "email,first_name,last_name,role,offering_name,team_alias\np@firm.example,P,P,User,Revit,T\n"
LOOKS = {
    "status": ["status"],
    "status as JSON": ["status", "--json"],
    "doctor": ["doctor"],
    "explain": ["explain", "0123456789abcdef"],
    "verify": ["verify"],
    "verify a pack": ["verify", "pack.zip"],
    "what-if": ["what-if", "--parameters", "{data}/landing/reference/rule_parameters.csv", "2026-10"],
    "what-if of a renewal": ["what-if", "--renewal", "110", "2026-10"],
    "help": ["--help"],
}


def held(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: content, time of modification, rights."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted([folder, *folder.rglob("*")]):
        about = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found[path.relative_to(folder).as_posix()] = (data, about.st_mtime_ns, about.st_mode)
    return found


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def fresh(empty: Path) -> Path:
    """A folder that was begun and never reviewed."""
    assert main(["--data", str(empty), "init"], clock=lambda: datetime(2026, 11, 3, tzinfo=UTC)) == 0
    (empty / "landing" / "2026-10").mkdir(exist_ok=True)
    (empty / "landing" / "2026-10" / "users.csv").write_text(USERS)
    (empty / "landing" / "reference" / "rule_parameters.csv").write_text("rule_id,parameter,value\n")
    return empty


@pytest.mark.parametrize("look", sorted(LOOKS))
@pytest.mark.parametrize("kind", ["empty", "fresh"])
def test_a_command_that_looks_makes_no_file(kind: str, look: str, request: pytest.FixtureRequest, capsys):
    data = request.getfixturevalue(kind)
    before = held(data.parent)
    try:
        code = main(["--data", str(data), *(a.format(data=data) for a in LOOKS[look])])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert code in (0, 1) and said.out + said.err
    assert held(data.parent) == before


@pytest.mark.parametrize("kind", ["empty", "fresh"])
def test_asking_what_is_due_makes_no_file(kind: str, request: pytest.FixtureRequest):
    data = request.getfixturevalue(kind)
    settings = Settings(data=data)
    before = held(data)
    due = ["2026-10"] if kind == "fresh" else []
    assert landing_check.due_now(settings, due) == due
    first = landing_check.look(settings, {}, "2026-10")
    assert landing_check.look(settings, first.seen, "2026-10").months == due
    assert landing_check.scheduled(settings, "monthly", "2026-10", date(2026, 11, 3), lambda: None).months == due
    assert months.months_done(settings) == months.months_restated_by(settings, due) == []
    assert held(data) == before


def test_asking_what_is_due_leaves_a_warehouse_as_it_is(fresh: Path):
    settings = Settings(data=fresh)
    with connect(settings) as connection:
        ensure_schema(connection)
        load_landing(connection, settings.landing, ["2026-10"], settings.scratch)
    before = held(fresh)
    assert landing_check.due_now(settings, ["2026-10"]) == ["2026-10"]
    assert [b.months for b in months.expected_batches(settings, ["2026-10"])] == [("2026-10",)]
    assert held(fresh) == before


def test_nobody_writes_through_a_connection_that_looks(fresh: Path):
    settings = Settings(data=fresh)
    with connect(settings) as connection:
        ensure_schema(connection)
    with (
        connect_to_look(settings) as connection,
        pytest.raises(duckdb.InvalidInputException, match="read-only mode"),
    ):
        ensure_schema(connection)


def test_a_run_that_writes_the_warehouse_can_look_into_it(fresh: Path):
    settings = Settings(data=fresh)
    with connect(settings) as writing:
        ensure_schema(writing)
        with connect_to_look(settings) as looking:
            assert looking.execute("select count(*) from raw.file_register").fetchall() == [(0,)]


def test_a_warehouse_of_an_older_version_looks_empty_and_stays_as_it_is(fresh: Path):
    settings = Settings(data=fresh)
    with connect(settings) as connection:
        ensure_schema(connection)
        load_landing(connection, settings.landing, ["2026-10"], settings.scratch)
        connection.execute("delete from raw.pending_drop")
    with connect_to_look(settings) as connection, to_look(connection) as tables:
        assert tables.execute("select count(*) from raw.drop_fingerprint").fetchall() == [(2,)]
    with connect(settings) as connection:
        connection.execute("alter table raw.users drop column role")
    before = held(fresh)
    with connect_to_look(settings) as connection, to_look(connection) as tables:
        assert tables.execute("select count(*) from raw.drop_fingerprint").fetchall() == [(0,)]
    assert held(fresh) == before


def test_who_looks_makes_way_for_a_writer_and_does_not_lock_another_one_out(fresh: Path):
    settings = Settings(data=fresh)
    with while_nobody_writes(settings):
        assert not settings.state.exists()
    with writer_lock(settings):
        pass
    with (
        while_nobody_writes(settings),
        while_nobody_writes(settings),
        pytest.raises(BusyError),
        writer_lock(settings, wait=False),
    ):
        pass
