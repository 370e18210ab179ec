"""`selfaudit export-sam`: what is written, that it comes back as sam_usage without loss, and how wrong use is
answered.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.sam import MAP, SOURCES, TEXT, ColumnMapError, read_map, tools, write_export
from pipelines.run import ingestion
from pipelines.settings import Settings
from tests.conftest import Reviewed, selfaudit

MONTH = "2026-10"


@pytest.fixture(scope="module")
def exported(demo: Reviewed, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sam")
    done = selfaudit(demo.data, "export-sam", MONTH, "--to", str(folder), "--json")
    assert done.exit_code == 0, done.output
    assert [Path(f["file"]).name for f in json.loads(done.output)] == ["usage.csv", "assignments.csv"]
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_what_was_exported_comes_back_as_sam_usage_without_loss(demo: Reviewed, exported: Path, tmp_path: Path):
    drop = tmp_path / "landing" / MONTH
    drop.mkdir(parents=True)
    shutil.copytree(demo.data / "landing" / "reference", tmp_path / "landing" / "reference")
    shutil.copy(exported / "usage.csv", drop / "from the SAM tool.csv")
    settings = Settings(data=tmp_path)
    ingestion.ingest(settings, [MONTH])
    connection = duckdb.connect(str(settings.warehouse), read_only=True)
    verdict = connection.execute(
        "select input, verdict, rows_rejected from raw.file_register where drop = ?", [MONTH]
    ).fetchall()
    assert verdict == [("sam_usage", "loaded", 0)]
    back = connection.execute(
        "select email, offering_name, cast(last_used as varchar), cast(days_used_12m as varchar) from raw.sam_usage "
        "order by all"
    ).fetchall()
    keys = dict(
        connection.execute(
            "select distinct s.offering_name, a.offering_key from raw.sam_usage as s left join "
            "reference.product_aliases as a on "
            "a.alias = trim(regexp_replace(lower(s.offering_name), '[^a-z0-9]+', '_', 'g'), '_')"
        ).fetchall()
    )
    connection.close()
    out = rows(exported / "usage.csv")
    assert back == sorted((r["email"], r["offering_name"], r["last_used"], r["days_used_12m"]) for r in out)
    assert len(out) > 100
    meant = {r["offering_name"]: r["offering_key"] for r in rows(exported / "assignments.csv")}
    assert {n: k for n, k in keys.items() if not meant[n].startswith("unmapped:")} == {
        n: meant[n] for n in keys if not meant[n].startswith("unmapped:")
    }


def test_every_seat_of_the_month_is_in_the_assignments_also_those_never_used(demo: Reviewed, exported: Path):
    connection = duckdb.connect(str(demo.published), read_only=True)
    seats = connection.execute(
        "select person_key, offering_key, team_alias from marts.fct_assignment_monthly where review_month = ? order "
        "by all",
        [MONTH],
    ).fetchall()
    connection.close()
    out = rows(exported / "assignments.csv")
    assert sorted((r["person_key"], r["offering_key"], r["team"]) for r in out if r["assigned"] == "true") == seats
    assert any(r["assigned"] == "true" and not r["last_use"] for r in out)
    assert any(r["assigned"] == "false" for r in out)


def test_the_same_month_gives_the_same_bytes(demo: Reviewed, exported: Path, tmp_path: Path):
    assert selfaudit(demo.data, "export-sam", MONTH, "--to", str(tmp_path)).exit_code == 0
    for name in ("usage.csv", "assignments.csv"):
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes()


def test_an_own_column_map_names_the_headers(demo: Reviewed, tmp_path: Path):
    own = tmp_path / "map.csv"
    own.write_text("file,header,source\nusage,User ID,email\nusage,Software Model,offering_name\n", encoding="utf-8")
    assert selfaudit(demo.data, "export-sam", MONTH, "--to", str(tmp_path), "--columns", str(own)).exit_code == 0
    assert (tmp_path / "usage.csv").read_text(encoding="utf-8").splitlines()[0] == "User ID,Software Model"
    assert not (tmp_path / "assignments.csv").exists()


MAPPED = [t for t in tools() if t.map]


@pytest.mark.parametrize("tool", MAPPED, ids=lambda t: t.name)
def test_the_form_of_a_tool_holds_every_row_of_its_grain_without_loss(demo: Reviewed, tmp_path: Path, tool):
    done = selfaudit(demo.data, "export-sam", MONTH, "--for", tool.name, "--to", str(tmp_path))
    assert done.exit_code == 0, done.output
    columns = read_map(tool.map)
    (file,) = {c.file for c in columns}
    with (tmp_path / f"{file}.csv").open(encoding="utf-8", newline="") as handle:
        header, *found = list(csv.reader(handle))
    assert header == [c.header for c in columns]
    connection = duckdb.connect(str(demo.published), read_only=True)
    told = connection.execute(
        "select email, offering_name, display_name, version, assigned, assigned_date, last_use from "
        "calendar.sam_export where review_month = ? and email is not null",
        [MONTH],
    ).fetchall()
    connection.close()
    place = {c.source: i for i, c in enumerate(columns)}
    own = {(row[place["email"]], row[place["offering_name"]]) for row in found} if "offering_name" in place else set()
    if file == "usage":
        assert own == {(r[0], r[1]) for r in told if r[6]}
        last = {k: max(str(r[6]) for r in told if (r[0], r[1]) == k and r[6]) for k in own}
        assert all(row[place["last_use"]] == last[row[place["email"]], row[place["offering_name"]]] for row in found)
    elif file == "seats":
        assert own == {(r[0], r[1]) for r in told if r[4]}
        begun = {(r[0], r[1]): str(r[5]) for r in sorted(told, key=str) if r[4] and r[5]}
        assert {row[place["assigned_date"]] for row in found if row[place["assigned_date"]]} <= set(begun.values())
    else:
        assert [row[place["email"]] for row in found] == sorted({r[0] for r in told})
        held = {e: {r[1] for r in told if r[0] == e and r[4]} for e in {r[0] for r in told}}
        assert all(set(filter(None, row[place["licences"]].split(","))) == held[row[place["email"]]] for row in found)
        last = {e: max((str(r[6]) for r in told if r[0] == e and r[6]), default="") for e in held}
        assert all(row[place["last_use"]] == last[row[place["email"]]] for row in found)
    for number, column in enumerate(columns):
        if column.source.startswith(TEXT):
            assert {row[number] for row in found} == {column.source.removeprefix(TEXT)}
    assert len(found) > 100


def test_every_tool_says_where_its_form_was_read_and_one_without_a_form_says_so(demo: Reviewed):
    for tool in tools():
        assert tool.source and tool.note and tool.title
        assert (tool.confidence in {"high", "medium", "low"}) == (tool.map is not None)
        if tool.map:
            assert {c.file for c in read_map(tool.map)} <= set(SOURCES)
    for name in ("usu", "nobody"):
        told = selfaudit(demo.data, "export-sam", MONTH, "--for", name)
        assert told.exit_code == 1 and "--columns" in told.output and "torii" in told.output


def test_a_month_that_is_not_published_and_one_that_is_none_are_told_apart(demo: Reviewed):
    missing = selfaudit(demo.data, "export-sam", "2020-01")
    assert missing.exit_code == 1 and "selfaudit run 2020-01" in missing.output
    assert selfaudit(demo.data, "export-sam", "2026-13").exit_code == 2


def test_a_column_map_that_cannot_be_used_names_its_row(tmp_path: Path):
    path = tmp_path / "map.csv"
    for text, said in (
        ("file,header,source\nusage,a,nothing\n", "row 2"),
        ("file,header,source\nelse,a,email\n", "row 2"),
        ("file,header,source\nusage,a,email\nusage,a,last_use\n", "row 3"),
        ("file,header,source\n", "no column"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ColumnMapError, match=said):
            read_map(path)


def test_a_cell_that_a_spreadsheet_would_run_is_text_and_what_an_import_compares_stays_as_it_is(tmp_path: Path):
    connection = duckdb.connect()
    connection.execute("create schema calendar")
    connection.execute(
        "create table calendar.sam_export as select '2026-10' as review_month, '+a@x.org' as person_key, '+a@x.org' "
        "as email, '=1+1' as display_name, "
        "'revit' as offering_key, 'Revit, \"2025\"' as offering_name, 'A' as team_alias, true as assigned, date "
        "'2026-01-02' as assigned_date, "
        "date '2026-03-04' as last_use, 5 as days_12m, '2025' as version"
    )
    write_export(connection, MONTH, tmp_path, read_map(MAP))
    (row,) = rows(tmp_path / "usage.csv")
    assert (row["email"], row["person"], row["offering_name"]) == ("+a@x.org", "'=1+1", 'Revit, "2025"')
