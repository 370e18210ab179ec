"""Which published months nobody has begun to make again, also where an earlier version made the warehouse."""

from __future__ import annotations

from pathlib import Path

from pipelines.ingest.write.schema import ensure_schema
from pipelines.run.months import months_at_rest
from pipelines.settings import Settings
from pipelines.warehouse import connect


def test_months_are_at_rest_where_no_run_has_begun_them_also_in_a_warehouse_without_batches(tmp_path: Path):
    with connect(Settings(data=tmp_path)) as connection:
        ensure_schema(connection)
        for month in ("2026-08", "2026-09", "2026-10"):
            connection.execute("insert into raw.published_month values (?, ?)", [month, month])
        connection.execute("insert into raw.pending_drop (drop) values ('2026-08')")
        connection.execute("insert into raw.batched_run values ('2026-09', true), ('2026-10', false)")
        assert months_at_rest(connection) == {"2026-09"}
        connection.execute("drop table raw.batched_run")
        assert months_at_rest(connection) == {"2026-09", "2026-10"}
