"""Folders of Parquet are data sets: nothing else lies in them, every month has one schema, readers of folders take them
as they are.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import existing_file, file_of, migrate_layout
from tests.conftest import Reviewed


@pytest.fixture(scope="module")
def tables(demo: Reviewed) -> dict[str, int]:
    """Every published table with the number of its rows."""
    with duckdb.connect(str(demo.published), read_only=True) as con:
        names = con.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('calendar', 'marts')"
        ).fetchall()
        # The register has rows of the reference folder besides, which belong to no month.
        counted = "select count(*) from {}.{} where review_month like '2026-%'"
        return {t: con.execute(counted.format(s, t)).fetchall()[0][0] for s, t in names}


def test_every_output_and_mart_is_a_folder_of_parquet_alone_with_one_schema_in_every_month(demo: Reviewed, tables):
    folder = demo.data / "published"
    assert set(OUTPUT_ORDER) <= set(tables)
    for name in tables:
        files = sorted(p for p in (folder / name).rglob("*") if p.is_file())
        assert [f.relative_to(folder / name).as_posix() for f in files] == [
            f"review_month=2026-{m:02d}/{name}.parquet" for m in range(5, 11)
        ], name
        described = "select name, type, repetition_type, logical_type from parquet_schema('{}')"
        schemas = {str(duckdb.sql(described.format(f)).fetchall()) for f in files}
        assert len(schemas) == 1, name
        assert "REQUIRED" not in schemas.pop().partition("]")[0].partition(")")[2], name


def test_a_reader_of_folders_finds_the_rows_of_the_table(demo: Reviewed, tables):
    for name, rows in tables.items():
        found = (
            pl.scan_parquet(demo.data / "published" / name, hive_partitioning=True).select(pl.len()).collect().item()
        )
        assert found == rows, name


def test_files_of_the_former_layout_are_found_and_moved(tmp_path: Path):
    former = tmp_path / "findings" / "review_month=2026-10"
    former.mkdir(parents=True)
    for form in ("csv", "xlsx", "parquet"):
        (former / f"findings.{form}").write_text(form)
    assert existing_file(tmp_path, "findings", "2026-10", "csv") == former / "findings.csv"
    newer = file_of(tmp_path, "findings", "2026-10", "xlsx")
    newer.parent.mkdir(parents=True)
    newer.write_text("newer")
    migrate_layout(tmp_path)
    assert [p.name for p in former.iterdir()] == ["findings.parquet"]
    assert file_of(tmp_path, "findings", "2026-10", "csv").read_text() == "csv" and newer.read_text() == "newer"
    assert existing_file(tmp_path, "findings", "2026-10", "csv").parent.name == "2026-10"


def test_every_table_and_column_of_the_published_file_says_what_it_holds(demo: Reviewed):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        for kind in ("tables", "columns"):
            silent = con.execute(
                f"select schema_name, table_name from duckdb_{kind}() where database_name = current_database() and "
                "schema_name in ('calendar', 'marts', 'meta', 'bi') and coalesce(comment, '') = ''"
            ).fetchall()
            assert silent == [], kind
        told = con.execute(
            "select comment from duckdb_columns() where schema_name in ('calendar', 'bi') "
            "and table_name = 'findings' and column_name = 'rule_id'"
        ).fetchall()
        meant = con.execute(
            "select column_description from meta.columns where table_name = 'findings' and column_name = 'rule_id'"
        ).fetchall()
    assert told == meant * 2


@pytest.mark.parametrize(
    ("key", "dimension"),
    [("contract_number", "dim_contract"), ("offering_key", "dim_offering"), ("team_alias", "dim_team")],
)
def test_every_key_of_a_fact_has_its_member(demo: Reviewed, key: str, dimension: str):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        facts = con.execute(
            "select table_name from duckdb_columns() where schema_name = 'marts' and table_name like 'fct%' and "
            "column_name = ?",
            [key],
        ).fetchall()
        for (fact,) in facts:
            orphans = con.execute(
                f"select distinct {key} from marts.{fact} anti join marts.{dimension} using (review_month, {key}) "
                f"where {key} is not null"
            ).fetchall()
            assert orphans == [], fact
    assert facts


def test_every_mart_has_its_month_as_a_date(demo: Reviewed):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        tables = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and table_name <> 'dim_date'"
        ).fetchall()
        assert len(tables) > 12
        for (table,) in tables:
            wrong = (
                f"select * from marts.{table} where month_start is distinct from cast(review_month || '-01' as date)"
            )
            assert con.execute(wrong).fetchall() == [], table
