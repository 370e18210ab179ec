"""Tree-shaped forms made tables: directory answers, LDIF, licensing helper, Token Flex. Entry point: `adapt`.

Each form has a module with `FORM_...` headers (spelled as in the source, so that `aliases_outside.csv` names the
generation) and one function from parsed data to tables. Not here: lists of flat objects (the general reader reads
them), header aliases, types, acceptance of rows. Only the fields that a contract knows are carried over: answers of
directories hold telephone numbers and even passwords, which have no business in the warehouse.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.ingest.forms.adapters import google, graph, ldif, licensing, okta, scim, team_admin, tokenflex
from pipelines.ingest.forms.adapters.ldif import is_ldif
from pipelines.ingest.forms.text_table import TextTable

__all__ = ["adapt", "adapt_data", "is_ldif"]


def adapt(path: Path, kind: str) -> list[TextTable] | None:
    """Tables of a file in one of the tree-shaped forms, or None if it is none of them.

    kind: 'json' or 'ldif'. The file is plain (no archive), in UTF-8 or UTF-16 with byte order mark. A JSON that cannot
    be parsed is None too: the general reader names the damage. Raises ValueError for an LDIF that breaks RFC 2849.
    """
    if kind == "ldif":
        return ldif.tables(path)
    if kind != "json":
        return None
    try:
        return adapt_data(json.loads(_decoded(path.read_bytes())))
    except (ValueError, RecursionError):
        return None


def adapt_data(data: Any, path: str = "") -> list[TextTable] | None:
    """Tables of parsed JSON in one of the tree-shaped forms, or None if it is none of them. path: of the file."""
    for form in (
        tokenflex.tables,
        partial(team_admin.tables, path=path),
        scim.tables,
        licensing.tables,
        okta.tables,
        google.tables,
        graph.tables,
    ):
        found = form(data)
        if found is not None:
            return found
    return None


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")
