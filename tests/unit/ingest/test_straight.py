"""Large files that are typed and written in one pass: the same tables as by way of a temporary table, whatever is wrong
with the file.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.load import load_landing
from pipelines.ingest.write import straight, written
from pipelines.ingest.write.schema import ensure_schema
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import CRITICAL, Verdict, judgement_of
from pipelines.run import ingestion
from pipelines.settings import Settings

HEADER = "event_id,event_at,user_email,product,licence_claim,duration_minutes,received_at\n"
GOOD = "e{},2026-10-03T08:00:00Z,p@firm.example,Revit,named_user,60,2026-10-04T08:00:00Z\n"
# Lines of telemetry, by what is odd about them.
LINES = {
    "good": GOOD,
    "no product": "e{},2026-10-03T08:00:00Z,bo@firm.example,,named_user,60,\n",
    "no such day": "e{},2026-02-30T08:00:00Z,bo@firm.example,Revit,named_user,60,\n",
    "unread minutes": "e{},2026-10-03T08:00:00Z,p@firm.example,Revit,named_user,an hour,2026-10-04T08:00:00Z\n",
    "unknown claim": "e{},2026-10-03 08:00,p@firm.example,Revit,rented,60,2026-10-04T08:00:00Z\n",
    "hidden": "e{},2026-10-03T08:00:00Z,p@firm.example,Revit,named_user,60, *****\n",
    "blanks": '" e{}\t",2026-10-03, P@firm.example ,"Revit, LT",Named-User,"1 800,5",4 Oct 2026 08:00\n',
    "of two orders": "e{},03/04/2026 08:00,p@firm.example,Revit,named_user,60,\n",
    "too wide": "e{},2026-10-03T08:00:00Z,p@firm.example,Revit,named_user,60,,more\n",
    "too wide by an empty field": "e{},2026-10-03T08:00:00Z,p@firm.example,Revit,named_user,60,,\n",
    "too narrow": "e{},2026-10-03T08:00:00Z\n",
}


def landed(folder: Path, judge=None) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2})
    con.execute("set TimeZone = 'UTC'")
    ensure_schema(con)
    load_landing(con, folder / "landing", ["2026-10"], folder / "scratch", judge=judge)
    return con


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, list]:
    names = con.execute("select table_name from duckdb_tables() where schema_name = 'raw' order by 1").fetchall()
    return {name: con.execute(f'select * from raw."{name}" order by all').fetchall() for (name,) in names}


def put(folder: Path, name: str, data: str | bytes) -> None:
    path = folder / "landing" / "2026-10" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def went(monkeypatch):
    """Files of any size go straight; the paths of those that did to the end."""
    monkeypatch.setattr(straight, "LEAST_BYTES", 0)
    done: list[str] = []

    def write(drop, table, standards, scratch):
        done_table = straight.write_straight(drop, table, standards, scratch)
        done.append(table.path)
        return done_table

    monkeypatch.setattr(written, "write_straight", write)
    return done


def judged(con, drop, tables):
    pending = begin_judging(con, drop, tables, engine="sql")
    return lambda: judgement_of(pending())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odd=st.dictionaries(st.integers(0, 59), st.sampled_from(sorted(LINES)), max_size=6),
    packed=st.sampled_from(["plain", "gz", "zip"]),
)
def test_a_file_of_any_fault_gives_the_tables_that_it_gives_by_way_of_a_temporary_one(
    tmp_path_factory, monkeypatch, odd, packed
):
    folder = tmp_path_factory.mktemp("straight")
    text = HEADER + "".join(LINES[odd.get(i, "good")].format(i) for i in range(60))
    if packed == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("a.csv", text)
        put(folder, "t.zip", held.getvalue())
    else:
        put(folder, f"t.csv{'.gz' * (packed == 'gz')}", gzip.compress(text.encode()) if packed == "gz" else text)
    put(folder, "u.csv", HEADER + GOOD.format("u1"))
    monkeypatch.setattr(straight, "LEAST_BYTES", 1 << 40)
    expected = tables(landed(folder, judged))
    monkeypatch.setattr(straight, "LEAST_BYTES", 0)
    assert tables(landed(folder, judged)) == expected


@pytest.mark.parametrize("odd", ["good", "no product", "unread minutes", "unknown claim", "hidden", "blanks"])
def test_a_bad_row_or_an_unread_cell_does_not_keep_a_file_from_going_straight(tmp_path, went, odd):
    put(tmp_path, "t.csv", HEADER + "".join((LINES[odd] if i == 30 else GOOD).format(i) for i in range(60)))
    con = landed(tmp_path)
    assert went == ["t.csv"]
    bad = [(31,)] if odd == "no product" else []
    assert con.execute("select row_number from raw.rejected_rows").fetchall() == bad
    wrong = (
        "select count(*) from raw.lrt where event_id <> 'e' || (_row_number - 1) or _src % 10000000000 <> _row_number"
    )
    assert con.execute(wrong).fetchall() == [(0,)]


def test_a_file_that_cannot_go_straight_takes_no_other_with_it(tmp_path, went):
    put(tmp_path, "a.csv", HEADER + "".join(GOOD.format(i) for i in range(40)))
    put(tmp_path, "b.csv", HEADER + LINES["too wide"].format(0) + "".join(GOOD.format(f"b{i}") for i in range(40)))
    con = landed(tmp_path)
    assert set(went) == {"a.csv"}
    register = "select path, verdict, rows_read, rows_loaded, rows_rejected from raw.file_register order by 1"
    assert con.execute(register).fetchall() == [("a.csv", "loaded", 40, 40, 0), ("b.csv", "loaded", 41, 40, 1)]
    assert con.execute("select count(*), count(distinct _src) from raw.lrt").fetchall() == [(80, 80)]


def test_rows_that_were_written_straight_are_taken_back_where_their_input_is_refused(tmp_path, went):
    put(tmp_path, "t.csv", HEADER + "".join(GOOD.format(i) for i in range(40)))
    put(
        tmp_path, "u.csv", "email,first_name,last_name,role,offering_name,team_alias\np@firm.example,P,P,User,Revit,T\n"
    )
    seen = []

    def judge(con, drop, tables):
        seen.extend(
            (name, con.execute(f"select count(*) from {table}").fetchall()[0][0]) for name, table in tables.items()
        )
        failed = [
            Verdict(name, drop, "not_null", "event_at", CRITICAL, name != "lrt", "40 rows", 40, "sql", "it is empty")
            for name in tables
        ]

        return lambda: judgement_of(failed)

    con = landed(tmp_path, judge)
    assert seen == [("users", 1), ("lrt", 40)] and went == ["t.csv"]
    register = "select path, verdict, rows_loaded, rows_rejected from raw.file_register order by 1"
    assert con.execute(register).fetchall() == [("t.csv", "rejected", 0, 40), ("u.csv", "loaded", 1, 0)]
    assert con.execute("select (select count(*) from raw.lrt), (select count(*) from raw.users)").fetchall() == [(0, 1)]
    assert con.execute("select input, passed from raw.quality_result order by 1").fetchall() == [
        ("lrt", False),
        ("users", True),
    ]


def test_judging_that_breaks_the_transaction_refuses_its_input_alone(tmp_path, went):
    put(tmp_path, "t.csv", HEADER + "".join(GOOD.format(i) for i in range(40)))
    put(
        tmp_path, "u.csv", "email,first_name,last_name,role,offering_name,team_alias\np@firm.example,P,P,User,Revit,T\n"
    )

    # As a run has it; a worker that an earlier test began takes rows from files in it.
    Settings(data=tmp_path).scratch.mkdir(parents=True)

    def judge(con, drop, tables):
        """As a run judges."""
        broken = {
            name: "(select error('broken') as _src)" if name == "lrt" else table for name, table in tables.items()
        }
        return ingestion._judge(Settings(data=tmp_path), con, drop, broken)

    con = landed(tmp_path, judge)
    register = "select path, verdict from raw.file_register order by 1"
    assert con.execute(register).fetchall() == [("t.csv", "rejected"), ("u.csv", "loaded")]
    kept = "select input, bool_and(passed) from raw.quality_result group by 1 order by 1"
    assert con.execute(kept).fetchall() == [("lrt", False), ("users", True)]


def test_a_drop_that_comes_again_replaces_what_was_written_straight(tmp_path, went):
    put(tmp_path, "t.csv", HEADER + "".join(GOOD.format(i) for i in range(40)))
    con = landed(tmp_path)
    put(tmp_path, "t.csv", HEADER + "".join(GOOD.format(i) for i in range(10)))
    load_landing(con, tmp_path / "landing", ["2026-10"], tmp_path / "scratch")
    assert con.execute("select count(*), max(_row_number) from raw.lrt").fetchall() == [(10, 10)]
