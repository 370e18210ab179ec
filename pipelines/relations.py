"""What the Python models of the dbt project need: columns of a relation as arrays or lists, and columns as a relation
again.

A Python model (`dbt_project/models/**/*.py`) holds no logic: it reads relations, calls a pure function of a room,
returns a relation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def arrays(relation: Any, *columns: str) -> list[Any]:
    """The named columns as numpy arrays (whole numbers and floating point; no nulls), in the relation's order."""
    import numpy as np

    found = relation.project(", ".join(f'"{c}"' for c in columns)).fetchnumpy()
    return [np.asarray(found[c]) for c in columns]


def rows(relation: Any, *columns: str) -> list[tuple[Any, ...]]:
    """The named columns as rows, ordered by all of them."""
    return list(relation.project(", ".join(f'"{c}"' for c in columns)).order("all").fetchall())


def relation_of(session: Any, name: str, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> Any:
    """A relation over a temporary table `name`: column → (SQL type, values). Values are numbers, texts, truth values or
    None; dates are ISO texts.
    """
    import numpy as np

    data = {c: _array(np, sql_type, values) for c, (sql_type, values) in columns.items()}
    select = ", ".join(f'cast("{c}" as {sql_type}) as "{c}"' for c, (sql_type, _) in columns.items())
    session.register(f"_{name}_columns", data)
    try:
        session.execute(f'create or replace temp table "{name}" as select {select} from "_{name}_columns"')
    finally:
        session.unregister(f"_{name}_columns")
    return session.table(name)


def _array(np: Any, sql_type: str, values: Sequence[Any]) -> Any:
    if isinstance(values, np.ndarray):
        return values
    kind = sql_type.lower()
    if kind == "bigint" and all(v is not None for v in values):
        return np.array(values, dtype=np.int64)
    if kind == "double" and all(v is not None for v in values):
        return np.array(values, dtype=np.float64)
    return np.array([None if v is None else str(v) for v in values], dtype=object)
