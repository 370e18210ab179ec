"""Published months held against the record: what was emptied or changed outside a run is found, named and put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from pipelines.commands import verify
from pipelines.ingest.write.schema import ensure_schema
from pipelines.publish import publications
from pipelines.publish.datasets import write_partition
from pipelines.publish.publications import GENESIS, Entry, file_sha256, read_chain
from pipelines.publish.snapshot import write_snapshot
from pipelines.reference.resolve import ensure_reference_schema
from pipelines.run import history, published_file
from pipelines.run.bring_back import bring_back_months
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file

MONTHS = ("2026-08", "2026-09", "2026-10")
OUTPUTS = ("rule_runs", "licence_position")
TABLES = {
    "calendar.rule_runs": "review_month varchar, rule_id varchar, findings bigint",
    "calendar.licence_position": "review_month varchar, team_alias varchar, offering_key varchar, assigned bigint",
    "calendar.review_calendar": "review_month varchar, activity varchar, period varchar",
    "calendar.file_register": "review_month varchar, drop varchar, path varchar, sha256 varchar, verdict varchar",
    "marts.fct_usage_monthly": "review_month varchar, days bigint",
}


def snapshot(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    write_snapshot(connection, settings.published_database, settings.scratch, [])


@pytest.fixture
def settings(published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data folder with three published months of two outputs and a mart."""
    monkeypatch.setattr(published_file, "write_published_file", snapshot)
    shutil.copytree(published_once, tmp_path, dirs_exist_ok=True)
    return Settings(data=tmp_path)


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Settings(data=tmp_path_factory.mktemp("published"))
    with connect(made) as con:
        ensure_schema(con)
        ensure_reference_schema(con)
        for schema in ("calendar", "marts"):
            con.execute(f"create schema {schema}")
        for table, columns in TABLES.items():
            con.execute(f"create table {table} ({columns})")
        chain: list[Entry] = []
        for month in MONTHS:
            con.execute("insert into calendar.rule_runs values (?, 'ENT-01', 1), (?, 'ENT-02', 2)", [month, month])
            con.execute("insert into calendar.licence_position values (?, 'T', 'maya', 3)", [month])
            con.execute("insert into calendar.review_calendar values (?, 'x', ?)", [month, month])
            con.execute("insert into marts.fct_usage_monthly values (?, 7), (?, 8)", [month, month])
            con.execute("insert into raw.published_month values (?, ?)", [month, MONTHS[-1]])
            for output in OUTPUTS:
                chain.append(entry(con, made, output, month, chain))
        publications.append(con, [], chain)
        snapshot(made, con)
    assert history.hold_to_record(made) == []
    return made.data


def entry(con: duckdb.DuckDBPyConnection, settings: Settings, output: str, month: str, chain: list[Entry]) -> Entry:
    folder = settings.published / output / f"review_month={month}"
    part = write_partition(con, output, month, folder, settings.scratch)
    nothing = dict.fromkeys(("content_sha256", "raw_sha256", "reference_sha256", "rules_sha256", "code_version"), "x")
    return Entry(
        place=len(chain) + 1,
        review_month=month,
        output=output,
        version=1,
        rows=part.rows,
        rows_added=part.rows,
        rows_removed=0,
        rows_changed=0,
        reason="first version",
        parquet_sha256=file_sha256(part.parquet),
        csv_sha256=file_sha256(part.csv),
        previous_hash=chain[-1].entry_hash if chain else GENESIS,
        **nothing,
    ).sealed()


def in_warehouse(settings: Settings, *statements: str) -> None:
    with connect(settings) as con:
        for statement in statements:
            con.execute(statement)


def in_file(settings: Settings, *statements: str) -> None:
    with closing(connect_file(settings.published_database, read_only=False)) as con:
        for statement in statements:
            con.execute(statement)


def everything(settings: Settings) -> list[object]:
    """Every row of warehouse and published file, and the hash of every partition."""
    with connect(settings) as con:
        found: list[object] = [con.execute(f"select * from {t} order by all").fetchall() for t in TABLES]
        found.append(read_chain(con))
    with closing(connect_file(settings.published_database)) as con:
        found += [con.execute(f"select * from {t} order by all").fetchall() for t in TABLES]
    found += [file_sha256(p) for p in sorted(settings.published.rglob("*.*")) if p.suffix in (".csv", ".parquet")]
    return found


EMPTIED = "delete from calendar.licence_position where review_month < '2026-10'"
CASES: list[tuple[str, Callable[[Settings], None], tuple[str, ...]]] = [
    (
        "a table made anew",
        lambda s: in_warehouse(s, EMPTIED),
        ("licence_position of 2026-08 has 0 rows, and 1 were", "licence_position of 2026-09 has 0 rows, and 1 were"),
    ),
    (
        "one row too many",
        lambda s: in_warehouse(s, "insert into calendar.rule_runs values ('2026-09', 'ENT-03', 1)"),
        ("rule_runs of 2026-09 has 3 rows, and 2 were published",),
    ),
    (
        "a table gone",
        lambda s: in_warehouse(s, "drop table calendar.licence_position"),
        ("licence_position of 2026-08 is not there", "licence_position of 2026-10 is not there"),
    ),
    (
        "a mart emptied",
        lambda s: in_warehouse(s, "delete from marts.fct_usage_monthly where review_month = '2026-08'"),
        ("fct_usage_monthly of 2026-08 has 0 of 2 rows",),
    ),
    (
        "rows of the published file",
        lambda s: in_file(s, EMPTIED, "delete from marts.fct_usage_monthly where days = 7"),
        ("published file: licence_position of 2026-09 has 0 rows", "published file: fct_usage_monthly of 2026-10"),
    ),
    ("the published file", lambda s: s.published_database.unlink(), ("selfaudit.duckdb was missing",)),
    (
        "a partition",
        lambda s: (s.published / "rule_runs/review_month=2026-09/rule_runs.parquet").unlink(),
        ("rule_runs/review_month=2026-09 differs from what was published",),
    ),
    (
        "a list of a partition",
        lambda s: (s.published / "rule_runs/review_month=2026-09/rule_runs.csv").write_text("review_month\n"),
        ("rule_runs/review_month=2026-09 differs from what was published",),
    ),
    (
        "the end of the record",
        lambda s: in_warehouse(s, "delete from calendar.publications where place > 3"),
        ("3 of 6 entries were missing",),
    ),
    (
        "an entry of the record",
        lambda s: in_warehouse(s, "update calendar.publications set rows = 0 where place = 4"),
        ("entry 4 (licence_position of 2026-09, version 1) was changed after it was written",),
    ),
]


VERIFIED = [
    "a table made anew",
    "a mart emptied",
    "rows of the published file",
    "a partition",
    "an entry of the record",
]


@pytest.mark.parametrize(("damage", "named"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_was_taken_from_published_months_is_named_and_comes_back_to_the_byte(settings, damage, named):
    before = everything(settings)
    damage(settings)
    said = "\n".join(history.hold_to_record(settings))
    for words in named:
        assert words in said
    assert everything(settings) == before
    assert history.hold_to_record(settings) == []


@pytest.mark.parametrize(("damage", "named"), [c[1:] for c in CASES if c[0] in VERIFIED], ids=VERIFIED)
def test_verify_names_what_differs_and_how_it_comes_back(settings, damage, named, capsys):
    damage(settings)
    assert verify.verify(settings, None, as_json=False) == 1
    assert "The next `selfaudit run` puts back" in capsys.readouterr().out


def test_verify_without_a_key_says_what_it_did_not_look_at(settings, capsys):
    assert verify.verify(settings, None, as_json=False) == 0
    said = capsys.readouterr().out
    assert "workbooks, pages, packs and archives of claims are held against signatures alone" in said


@pytest.mark.parametrize("where", [in_warehouse, in_file])
def test_verify_sees_a_changed_value_where_the_number_of_rows_is_the_same(settings, where, capsys):
    where(settings, "update calendar.licence_position set assigned = 4 where review_month = '2026-09'")
    assert verify.verify(settings, None, as_json=False) == 1
    said = capsys.readouterr().out
    assert "rows of licence_position of 2026-09 differ from its partition; `selfaudit run 2026-09`" in said


@pytest.mark.parametrize(
    "begun",
    [
        "insert into raw.pending_drop values ('2026-08', false), ('2026-09', false)",
        "insert into raw.batched_run values ('2026-08', false), ('2026-09', false), ('2026-10', true)",
    ],
)
def test_months_that_a_run_began_and_did_not_finish_are_left_to_the_next_run(settings, begun):
    in_warehouse(settings, EMPTIED, begun)
    assert history.hold_to_record(settings) == []


def test_what_nothing_holds_any_more_is_named_with_the_command_that_makes_it_again(settings):
    in_warehouse(settings, EMPTIED)
    (settings.published / "licence_position/review_month=2026-09/licence_position.parquet").write_bytes(b"other")
    said = "\n".join(history.hold_to_record(settings))
    assert said.count("make the month again with `selfaudit run 2026-09`") == 2


def test_a_warehouse_that_was_lost_takes_no_month_out_of_the_published_file(settings):
    before = everything(settings)
    with connect(settings) as con:
        chain = read_chain(con)
        for table in TABLES:
            con.execute(f"delete from {table} where review_month <> '2026-10'")
        assert bring_back_months(con, settings.published_database, chain, ["2026-10"]) == ["2026-08", "2026-09"]
        assert bring_back_months(con, settings.published_database, chain, ["2026-10"]) == []
        snapshot(settings, con)
    assert everything(settings) == before


def test_the_month_of_the_run_stays_as_it_was_just_made_where_others_are_brought_back(settings):
    with connect(settings) as con:
        chain = read_chain(con)
        con.execute("delete from calendar.rule_runs where review_month = '2026-08'")
        con.execute("update calendar.rule_runs set findings = 9 where review_month = '2026-10'")
        con.execute("delete from calendar.rule_runs where review_month = '2026-09'")
        con.execute("drop table calendar.licence_position")
        assert bring_back_months(con, settings.published_database, chain, ["2026-10"]) == ["2026-08", "2026-09"]
        rows = con.execute("select review_month, findings from calendar.rule_runs order by all").fetchall()
        assert rows == [("2026-08", 1), ("2026-08", 2), ("2026-09", 1), ("2026-09", 2), ("2026-10", 9), ("2026-10", 9)]
