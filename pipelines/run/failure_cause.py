"""Why a model failed: the view in which an error that surfaced in another model arises, and the file and row of the
offending value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.failures.omissions import in_words
from pipelines.run.dbt_graph import Graph

# Could not convert string 'x' to INT32; invalid date field format: "x", expected …; time field value out of range: "x".
_VALUE = re.compile(r"(?:string|value|field|format:|range:) ['\"](?P<value>[^'\"]{1,200})['\"]", re.IGNORECASE)


@dataclass(frozen=True)
class Cause:
    """What failed. model: the view or table in which the error arises; reason: the error message in one line; place:
    file and row, if found.
    """

    model: str
    reason: str
    place: str | None = None

    @property
    def sentence(self) -> str:
        """As the reason why a rule could not run."""
        where = f" ({self.place})" if self.place else ""
        return f"the rule failed: {self.model}: {self.reason.rstrip('.')}{where}"


def cause_of(connection: duckdb.DuckDBPyConnection, graph: Graph, model: str, message: str) -> Cause:
    """The cause of a failed model. Views are evaluated only when another model reads them, so the first of the model's
    views that fails alone is named.
    """
    reason, origin = in_words(message), model
    if graph.is_view[model] is False:
        above = failing_views(connection, graph, _views_above(graph, model))
        if above:
            origin, text = next(iter(above.items()))
            reason = in_words(text)
    try:
        place = _place(connection, graph, origin, reason)
    except duckdb.Error:  # the row is a help; without it the cause is still reported
        place = None
    return Cause(origin, reason, place)


def _views_above(graph: Graph, model: str) -> list[str]:
    """Views that the model reads, directly or through views only, in dependency order."""
    found: list[str] = []
    waiting = sorted(graph.parents[model])
    while waiting:
        name = waiting.pop(0)
        if graph.is_view[name] and name not in found:
            found.append(name)
            waiting += sorted(graph.parents[name])
    return found[::-1]


def failing_views(connection: duckdb.DuckDBPyConnection, graph: Graph, models: Iterable[str]) -> dict[str, str]:
    """Those of the views that fail when they are read, each with its error message."""
    found = {}
    for name in models:
        if not graph.is_view[name]:
            continue
        try:
            # Evaluates every column of every row and keeps nothing.
            connection.execute(f'select bit_xor(hash(v)) from {graph.schema[name]}."{name}" as v').fetchall()
        except duckdb.Error as error:
            found[name] = str(error)
    return found


def _place(connection: duckdb.DuckDBPyConnection, graph: Graph, model: str, reason: str) -> str | None:
    """File and row of the text quoted in the reason, in the inputs that the model depends on; None if there is no
    quoted text, or no input contains it.
    """
    quoted = _VALUE.search(reason)
    if quoted is None:
        return None
    inputs = sorted({s for name in graph.ancestors([model]) for s in graph.sources[name]})
    for table in inputs:
        columns = connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = ? and data_type = "
            "'VARCHAR' "
            "and not starts_with(column_name, '_') and database_name = current_database() order by column_index",
            [table],
        ).fetchall()
        lineage = connection.execute(
            "select count(*) from duckdb_columns() where schema_name = 'raw' and table_name = ? and column_name = "
            "'_src'",
            [table],
        ).fetchall()
        if not columns or not lineage[0][0]:
            continue
        tests = " or ".join(f't."{c}" = $value' for (c,) in columns)
        named = " ".join(f"when t.\"{c}\" = $value then '{c}'" for (c,) in columns)
        found = connection.execute(
            f'select t._drop, g.path, t._row_number, case {named} end from raw."{table}" as t '
            f"left join raw.file_register as g on g._file_no = t._file_no where {tests} order by t._drop desc, t._src "
            "limit 1",
            {"value": quoted["value"]},
        ).fetchall()
        if found:
            drop, path, row, column = found[0]
            return f"{drop}/{path}, row {row}, column {column}"
    return None
