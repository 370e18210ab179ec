"""The tables that ingestion wrote, as files that Spark reads."""

from __future__ import annotations

import duckdb

from pipelines.spark.lake import write_history, write_sources


def test_every_source_is_a_folder_with_its_rows_and_other_schemas_are_left(tmp_path):
    with duckdb.connect() as warehouse:
        for schema in ("raw", "reference", "calendar"):
            warehouse.execute(f"create schema {schema}")
        warehouse.execute(
            "create table raw.use_cell as select 18446744073709551615::ubigint as words, [1, 2]::bigint[] as srcs"
        )
        warehouse.execute(f"create table raw.\"order\" as select {10**37}::hugeint as number, date '2026-10-31' as day")
        warehouse.execute("create table reference.prices as select null::decimal(21,6) as amount where false")
        warehouse.execute("create table calendar.findings as select 1 as n")
        written = write_sources(warehouse, tmp_path / "it's a lake")
    assert [name for name, _ in written] == ["raw.order", "raw.use_cell", "reference.prices"]
    rows = {name: duckdb.read_parquet(str(folder / "*.parquet")) for name, folder in written}
    assert rows["raw.use_cell"].fetchall() == [(18446744073709551615, [1, 2])]
    assert [str(t) for t in rows["raw.use_cell"].types] == ["DECIMAL(20,0)", "BIGINT[]"]
    assert [int(rows["raw.order"].fetchall()[0][0]), str(rows["raw.order"].types[0])] == [10**37, "DECIMAL(38,0)"]
    assert rows["reference.prices"].fetchall() == []
    assert [str(t) for t in rows["reference.prices"].types] == ["DECIMAL(21,6)"]


def test_history_is_the_rows_of_months_that_the_run_does_not_make(tmp_path):
    with duckdb.connect() as warehouse:
        for schema in ("raw", "calendar", "marts"):
            warehouse.execute(f"create schema {schema}")
        warehouse.execute("create table raw.run_month as select unnest(['2026-10', '2026-10~2026-11']) as review_month")
        warehouse.execute(
            "create table calendar.findings as select unnest(['2026-09', '2026-10', '2026-10~2026-11']) as review_month"
        )
        warehouse.execute("create table marts.fct_new as select '2026-10' as review_month")
        warehouse.execute("create table marts.fct_not_asked as select '2026-09' as review_month")
        asked = ["calendar.findings", "marts.fct_new", "marts.fct_not_there"]
        written = write_history(warehouse, tmp_path, asked)
    assert [name for name, _ in written] == ["calendar.findings"]
    assert duckdb.read_parquet(str(written[0][1] / "*.parquet")).fetchall() == [("2026-09",)]
