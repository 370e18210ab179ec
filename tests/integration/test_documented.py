"""The documentation of columns and what is published say the same, table by table and column by column."""

from __future__ import annotations

import duckdb

from pipelines.guide.published import published_tables
from tests.conftest import Reviewed


def test_the_site_names_exactly_the_tables_and_columns_that_are_published(demo: Reviewed):
    with duckdb.connect(demo.published, read_only=True) as con:
        found = con.execute(
            # The views of bi are these tables with keys to join on (docs/bi.md).
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and schema_name <> 'bi'"
        ).fetchall()
    assert {(t.schema, t.name, c) for t in published_tables() for c, _, _ in t.columns} == set(found)
