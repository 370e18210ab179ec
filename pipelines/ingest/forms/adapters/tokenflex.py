"""Token Flex Usage Data API: a column-oriented answer, `{"result": {"columns": [...], "rows": [[...]]}}` or bare.

Nothing is renamed: the vocabulary of the API is a generation of the alias table.
"""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import at, text
from pipelines.ingest.forms.text_table import TextTable


def tables(data: Any) -> list[TextTable] | None:
    """The table of a column-oriented answer, else None. Rows keep their own length: conformance judges it."""
    for node in (at(data, "result"), data):
        columns, rows = at(node, "columns"), at(node, "rows")
        if not isinstance(columns, list) or not isinstance(rows, list) or not columns:
            continue
        if all(isinstance(c, str) for c in columns) and all(isinstance(r, list) for r in rows):
            return [TextTable(list(columns), [[text(v) for v in row] for row in rows], "tokenflex_api")]
    return None
