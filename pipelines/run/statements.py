"""The models and tests of the dbt project as plain statements, compiled at installation, for a run that makes only a
few of them.

dbt itself takes three seconds to load and 25 ms per node; a run that makes everything uses it (`models`). Holds the
dependencies and how a statement is run, nothing about months. Source: docs/decisions/0031.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from pipelines.run import dbt_call
from pipelines.warehouse import transaction

# Separator between the parts of a `table_by_parts` (dbt_project/macros/engine/duckdb/materialise.sql).
NEXT_PART = "union all -- next part"
INCREMENTAL, VIEW, BY_PARTS, TEST = "incremental", "view", "table_by_parts", "test"


class CheckFailedError(RuntimeError):
    """A test of a model found rows; the message names it. rows: how many."""

    def __init__(self, message: str, rows: int) -> None:
        super().__init__(message)
        self.rows = rows


@dataclass(frozen=True)
class Statement:
    """A model or test. kind: its materialisation, or `test`. parents, sources: what it reads; tested: the model that a
    test tests.
    """

    name: str
    schema: str
    kind: str
    language: str
    sql: str
    parents: tuple[str, ...]
    sources: tuple[str, ...]
    tested: str

    @property
    def place(self) -> str:
        """Its table or view."""
        return f'{self.schema}."{self.name}"'

    @property
    def place_in_sql(self) -> str:
        """Its table or view as other statements refer to it."""
        return f'"{self.schema}"."{self.name}"'


class Statements:
    """All statements by name, and their dependencies."""

    def __init__(self, found: Iterable[Mapping[str, Any]]) -> None:
        every = [Statement(**{**s, "parents": tuple(s["parents"]), "sources": tuple(s["sources"])}) for s in found]
        self.models = {s.name: s for s in every if s.kind != TEST}
        self.tests = [s for s in every if s.kind == TEST]

    @cached_property
    def children(self) -> dict[str, set[str]]:
        """Model → the models that read it."""
        found: dict[str, set[str]] = {name: set() for name in self.models}
        for name, model in self.models.items():
            for parent in model.parents:
                found[parent].add(name)
        return found

    @cached_property
    def readers(self) -> dict[str, set[str]]:
        """Source (`reference.prices`) → the models that read it."""
        found: dict[str, set[str]] = {}
        for name, model in self.models.items():
            for source in model.sources:
                found.setdefault(source, set()).add(name)
        return found

    def readers_of_history(self, changed: Iterable[str]) -> set[str]:
        """Models whose rows of a month may depend on rows of earlier months of these models: they read a table that is
        kept across runs and depends on them.
        """
        kept = {name for name in self.descendants(changed) if self.models[name].kind == INCREMENTAL}
        own = {name for name in kept if self.models[name].place_in_sql in self.models[name].sql}
        return own.union(*(self.children[name] for name in kept))

    def descendants(self, names: Iterable[str]) -> set[str]:
        """These models and all that read them, directly or indirectly."""
        return self._closure(names, self.children)

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """These models and all that they read, directly or indirectly."""
        return self._closure(names, {name: set(model.parents) for name, model in self.models.items()})

    @staticmethod
    def _closure(names: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
        found = set(names)
        waiting = list(found)
        while waiting:
            new = edges[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def in_order(self, names: Collection[str]) -> list[Statement]:
        """These models in topological order."""
        left, placed, found = sorted(names), set(), []
        while left:
            ready = [n for n in left if not (set(self.models[n].parents) & set(left))]
            found += [self.models[n] for n in ready]
            placed.update(ready)
            left = [n for n in left if n not in placed]
        return found

    def columns_read(self, source: str, columns: Sequence[str]) -> list[str]:
        """The columns of a source that the models reading it may use: those whose names occur in a model, or all if a
        model selects every column.
        """
        texts = [self.models[name].sql for name in self.readers.get(source, ())]
        words = {word for text in texts for word in re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text)}
        schema, table = source.split(".")
        every = rf'select \*\s+from "[^"]+"\."{schema}"\."{table}"'
        if any(re.search(every, text, re.IGNORECASE) for text in texts):
            return list(columns)
        return [c for c in columns if c in words]


def read_statements() -> Statements | None:
    """The statements of the project; None if it has been edited since they were compiled."""
    path = dbt_call.prepared_file(dbt_call.STATEMENTS)
    return Statements(json.loads(path.read_text())) if path else None


def run(connection: duckdb.DuckDBPyConnection, statement: Statement) -> None:
    """Make one model for the months of raw.run_month, as its materialisation in dbt does. An existing relation of the
    same name must be of the same kind. Raises DuckDB errors.
    """
    place = statement.place
    if statement.language == "python":
        _run_python(connection, statement)
    elif statement.kind == VIEW:
        connection.execute(f"create or replace view {place} as ({statement.sql})")
    elif statement.kind == BY_PARTS:
        for number, part in enumerate(statement.sql.split(NEXT_PART)):
            into = f"insert into {place} by name" if number else f"create or replace table {place} as"
            connection.execute(f"{into} ({part})")
    elif statement.kind == INCREMENTAL:
        with transaction(connection):
            connection.execute(f"delete from {place} where review_month in (select review_month from raw.run_month)")
            connection.execute(f"insert into {place} by name ({statement.sql})")
    else:
        connection.execute(f"create or replace table {place} as ({statement.sql})")


def _run_python(connection: duckdb.DuckDBPyConnection, statement: Statement) -> None:
    """Run a Python model in the form that dbt compiles it to: `model` and the object passed to it."""
    module: dict[str, Any] = {}
    exec(compile(statement.sql, f"{statement.name}.py", "exec"), module)  # the project's own code, as dbt runs it
    given = module["dbtObj"](lambda name: connection.query(f"select * from {name}"))
    made = module["model"](given, connection)
    made.create_view("_made_by_python", replace=True)
    connection.execute(f"create or replace table {statement.place} as select * from _made_by_python")
    connection.execute("drop view _made_by_python")


def check(connection: duckdb.DuckDBPyConnection, test: Statement) -> None:
    """Raises CheckFailedError if the test finds rows."""
    found = connection.execute(f"select count(*) from ({test.sql})").fetchall()[0][0]
    if found:
        raise CheckFailedError(f"{test.name}: {found} rows of {test.tested}", int(found))
