"""The DuckDB file for readers, the contracts of its tables, and the archived copies of the company tables behind it.
`for_people.py` makes workbooks and pages from it; the models define its content.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version

import duckdb

from pipelines.failures import omissions
from pipelines.publish import publications
from pipelines.publish.data_contracts import write_contracts
from pipelines.publish.packs import archive_reference_files
from pipelines.publish.snapshot import write_snapshot
from pipelines.run import dbt_call, parts, privacy
from pipelines.settings import DBT_PROJECT, Settings


def write_published_file(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Write the DuckDB file for readers again, with the whole content of the warehouse."""
    write_file(settings, connection, names=privacy.cover(settings, connection, ()))


def write_file(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    only: Collection[str] | None = None,
    names: privacy.Cover | None = None,
) -> None:
    """Write the DuckDB file for readers, and the contracts and archived tables next to it. only: tables that changed;
    None: all. names: replaces persons, in privacy mode.
    """
    columns = dbt_call.model_columns(settings)
    columns += [("calendar", "publications", publications.ABOUT, c, d) for c, d in publications.DESCRIPTIONS.items()]
    columns += [("meta", "not_made", omissions.ABOUT, c, d) for c, d in omissions.DESCRIPTIONS.items()]
    columns += [("meta", "last_made", parts.ABOUT, c, d) for c, d in parts.DESCRIPTIONS.items()]
    archive_reference_files(connection, settings.named if names else settings.published, settings.landing)
    made_by = f"{version('selfaudit')} {dbt_call.project_fingerprint()}"
    write_contracts(DBT_PROJECT / "models", settings.published, version("selfaudit"), made_by)
    write_snapshot(
        connection, settings.published_database, settings.scratch, columns, only, names.meta if names else None
    )
