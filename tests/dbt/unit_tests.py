"""dbt's unit tests of the SQL models, run in DuckDB without dbt: a hundredth of a second each instead of half a second
and the start of dbt. For mutations, and for those who wait; what dbt makes of the same tests is `test_models.py`.

Holds no expectation.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.dbt.macros import PROJECT, rendered, schemas

LAYERS = ("raw", "reference", "staging", "intermediate", "rules", "calendar", "marts")
INPUT = re.compile(r"(?:ref\('(?P<model>\w+)'\)|source\('(?P<schema>\w+)', '(?P<table>\w+)'\)|(?P<this>this))")
PLACE = re.compile(rf"\b((?:{'|'.join(LAYERS)})\.\w+)")
Columns = dict[str, str]
SECONDS = 20


@cache
def unit_tests() -> dict[str, list[dict[str, Any]]]:
    """Model → its unit tests."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((PROJECT / "models").rglob("_unit_tests*.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]:
            found.setdefault(test["model"], []).append(test)
    return found


def literal(value: object) -> str:
    """A value of YAML as a text of SQL, which takes the type of its column."""
    if value is None:
        return "null"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + "'"


def sql(text: str) -> str:
    """The rows of a test that are written as a query, which may call macros."""
    return rendered("duckdb", "int_month", text)


class NoStatementError(Exception):
    """The text of a model is no statement that DuckDB can bind."""


class Runner:
    """Runs unit tests with the columns that the tables and views of a warehouse have."""

    def __init__(self, warehouse: Path) -> None:
        """warehouse: a file in which every model was made once, whatever its rows."""
        with duckdb.connect(str(warehouse), read_only=True) as con:
            found = con.execute(
                "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
                f"where list_contains({list(LAYERS)!r}, schema_name) order by 1, column_index"
            ).fetchall()
        self.columns: dict[str, Columns] = {}
        for place, name, kind in found:
            self.columns.setdefault(place, {})[name] = kind
        self.con = duckdb.connect()
        self.con.execute("set threads = 1")
        for schema in LAYERS:
            self.con.execute(f"create schema {schema}")

    def red(self, model: str, text: str) -> str:
        """The name of the first unit test of the model that this text of it does not pass, '' if it passes all."""
        for test in unit_tests().get(model, []):
            if why := self.fault(test, text):
                return f"{test['name']}: {why}"
        return ""

    def fault(self, test: Mapping[str, Any], text: str) -> str:
        """Why a model of this text does not pass a unit test, '' if it does. Raises NoStatementError."""
        # A mistake can make a recursion endless.
        limit = threading.Timer(SECONDS, self.con.interrupt)
        limit.start()
        try:
            given = {self._place(g["input"], test["model"]): g for g in test["given"]}
            later = bool(test.get("overrides", {}).get("macros", {}).get("is_incremental", False))
            statement = rendered("duckdb", test["model"], text, later)
            # What a test does not give is what dbt finds in a warehouse without a row.
            for place in self.columns.keys() & set(PLACE.findall(statement)) | given.keys():
                self._put(place, given.get(place, {}))
            self._make(statement)
            return self._difference(test["expect"])
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            raise NoStatementError(str(error).split("\n", 1)[0]) from error
        except duckdb.Error as error:
            return str(error).split("\n", 1)[0]
        finally:
            limit.cancel()

    def _place(self, given: str, model: str) -> str:
        found = INPUT.fullmatch(given.strip())
        assert found is not None, given
        if found["schema"]:
            return f"{found['schema']}.{found['table']}"
        name = model if found["this"] else found["model"]
        return f"{schemas()[name]}.{name}"

    def _put(self, place: str, given: Mapping[str, Any]) -> None:
        """A table of the rows that a test gives, with all columns that the relation has."""
        if given.get("format") == "sql":
            self.con.execute(f"create or replace table {place} as {sql(given['rows'])}")
            return
        columns = ", ".join(f"{_q(n)} {t}" for n, t in self.columns[place].items())
        self.con.execute(f"create or replace table {place} ({columns})")
        for row in given.get("rows") or []:
            values = ", ".join(literal(v) for v in row.values())
            self.con.execute(f"insert into {place} ({', '.join(map(_q, row))}) values ({values})")

    def _make(self, statement: str) -> None:
        """The rows of the model as the table `made`."""
        self.con.execute("drop table if exists main.made")
        for number, part in enumerate(statement.split("union all -- next part")):
            self.con.execute(("insert into main.made " if number else "create table main.made as ") + part)

    def _difference(self, expect: Mapping[str, Any]) -> str:
        """The rows of the model against those expected, in the columns that are expected."""
        kinds = dict(
            self.con.execute("select column_name, data_type from duckdb_columns() where table_name = 'made'").fetchall()
        )
        rows = expect.get("rows") or []
        if expect.get("format") == "sql":
            self.con.execute(f"create or replace table main.told as {sql(rows)}")
            names = [d[0] for d in self.con.execute("from main.told limit 0").description]
            values = [f"select {', '.join(map(_q, names))} from main.told"]
        else:
            # dbt wants the same columns of all rows that are expected.
            if len({tuple(row) for row in rows}) > 1:
                return "the rows expected do not name the same columns in one order"
            names = list(rows[0]) if rows else list(kinds)
            values = [f"values ({', '.join(literal(row.get(n)) for n in names)})" for row in rows]
        self.con.execute(f"create or replace table main.wanted ({', '.join(f'{_q(n)} {kinds[n]}' for n in names)})")
        for one in values:
            self.con.execute(f"insert into main.wanted {one}")
        shown = ", ".join(map(_q, names))
        ((more, less),) = self.con.execute(
            f"select (select count(*) from (select {shown} from main.made except all from main.wanted)), "
            f"(select count(*) from (from main.wanted except all select {shown} from main.made))"
        ).fetchall()
        return f"{more} rows not expected, {less} missing" if more or less else ""


def _q(name: str) -> str:
    return f'"{name}"'
