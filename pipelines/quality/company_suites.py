"""Suites that the company adds: `<data>/expectations/<input>.json` (or .yml) as data, checked before it is used.

They come from outside: a suite names only what is listed here, is of bounded size, and is judged with the shipped one.
What is wrong with a file is a CompanySuiteError; nothing here judges rows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts import INPUTS, Column, Contract, Type
from pipelines.errors import UserError

FORMS = (".json", ".yml", ".yaml")
LARGEST = 1_000_000
MOST = 200
LONGEST = 300
DEEPEST = 8
SEVERITIES = ("critical", "warning")
# Expectation type → its arguments and what each is: `column`, `columns` (of any type), `value` and `values` (as the
# column's own), `text`, `pattern`, `count`, `share`, `flag`. An argument with a mark must be there.
COLUMN = {"column!": "column", "mostly": "share"}
TYPES: dict[str, dict[str, str]] = {
    "expect_column_values_to_not_be_null": COLUMN,
    "expect_column_values_to_be_null": COLUMN,
    "expect_column_values_to_be_in_set": {**COLUMN, "value_set!": "values"},
    "expect_column_values_to_not_be_in_set": {**COLUMN, "value_set!": "values"},
    "expect_column_values_to_match_regex": {**COLUMN, "regex!": "pattern"},
    "expect_column_values_to_not_match_regex": {**COLUMN, "regex!": "pattern"},
    "expect_column_value_lengths_to_be_between": {**COLUMN, "min_value": "count", "max_value": "count"},
    "expect_column_values_to_be_between": {
        **COLUMN, "min_value": "value", "max_value": "value", "strict_min": "flag", "strict_max": "flag",
    },
    "expect_column_values_to_be_unique": {"column!": "column"},
    "expect_compound_columns_to_be_unique": {"column_list!": "columns", "ignore_row_if": "text"},
    "expect_column_pair_values_a_to_be_greater_than_b": {
        "column_A!": "column", "column_B!": "column", "or_equal": "flag", "ignore_row_if": "text",
    },
    "expect_table_row_count_to_be_between": {"min_value": "count", "max_value": "count"},
}  # fmt: skip
# Without this argument the two engines would treat a row with an empty cell differently.
IGNORED = {
    "expect_column_pair_values_a_to_be_greater_than_b": "either_value_is_missing",
    "expect_compound_columns_to_be_unique": "all_values_are_missing",
}
# Of columns of text only.
OF_TEXT = {t for t in TYPES if "regex" in t or "lengths" in t}


class CompanySuiteError(UserError):
    """A suite of the data folder that cannot be used; the message names the file, the expectation and what to do."""


def files_of(folder: Path, name: str) -> list[Path]:
    """The files of the suite of an input; more than one is an error of `read`."""
    return [folder / f"{name}{form}" for form in FORMS if (folder / f"{name}{form}").is_file()]


def strange_files(folder: Path) -> list[str]:
    """Sentences about files of the folder that are the suite of no input."""
    if not folder.is_dir():
        return []
    listed = ", ".join(sorted(INPUTS))
    return [
        f"expectations/{path.name} is the suite of no input and is not used: name it after one of {listed}, with the "
        f"ending {', '.join(FORMS[:-1])} or {FORMS[-1]}."
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and (path.stem not in INPUTS or path.suffix not in FORMS)
    ]


def read(folder: Path, contract: Contract, derived: Mapping[str, str]) -> list[dict[str, Any]]:
    """The expectations that the company adds for an input, in the form of a shipped suite, with their file in `meta`;
    empty without a file.

    derived: other columns that a suite may name → what they are made of. Raises CompanySuiteError.
    """
    found = files_of(folder, contract.name)
    if not found:
        return []
    if len(found) > 1:
        raise CompanySuiteError(
            f"{' and '.join(f'expectations/{p.name}' for p in found)} are both the suite of {contract.name}: keep one."
        )
    place = f"expectations/{found[0].name}"
    suite = _parsed(found[0], place)
    if not isinstance(suite, dict) or not isinstance(suite.get("expectations"), list):
        raise CompanySuiteError(
            f'{place} is not a suite: {{"expectations": [{{"type", "kwargs", "severity", "description"}}, …]}} is '
            "expected (docs/operations.md, Expectations of your own)."
        )
    if unknown := sorted(map(str, suite.keys() - {"input", "expectations"})):
        raise CompanySuiteError(f"{place} has an entry {unknown[0]!r:.60}: only input and expectations are known.")
    if suite.get("input", contract.name) != contract.name:
        raise CompanySuiteError(f"{place} says that its input is another one: name the file after its input.")
    if len(suite["expectations"]) > MOST:
        raise CompanySuiteError(f"{place} has more than {MOST} expectations: keep those that matter.")
    columns = {c.name: c for c in contract.columns} | {n: Column(n, Type.TEXT) for n in derived}
    return [_checked(place, n, item, columns) for n, item in enumerate(suite["expectations"], start=1)]


def _parsed(path: Path, place: str) -> Any:
    """What a file holds. Objects are made of plain data only; a file that is too large is not read."""
    try:
        if path.stat().st_size > LARGEST:
            raise CompanySuiteError(f"{place} is larger than {LARGEST:,} bytes: a suite holds expectations, no data.")
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return json.loads(text)
        _look_before(text, place)
        return yaml.safe_load(text)
    except CompanySuiteError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise CompanySuiteError(f"{place} is not YAML{at}: correct it, or take it away.") from error
    except json.JSONDecodeError as error:
        raise CompanySuiteError(f"{place} is not JSON, line {error.lineno}: {error.msg}. Correct it.") from error
    except (ValueError, RecursionError, OSError) as error:
        raise CompanySuiteError(
            f"{place} cannot be read as text in UTF-8 of plain JSON or YAML: correct it, or take it away."
        ) from error


def _look_before(text: str, place: str) -> None:
    """Refuse YAML whose few lines stand for much: references, long scalars (numbers in base 60), deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        mark: Any = event.start_mark
        refers = isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None
        is_long = isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST
        if refers or is_long or depth > DEEPEST:
            raise CompanySuiteError(
                f"{place}, line {mark.line + 1}: references (`&name`, `*name`), texts of more than {LONGEST} "
                f"characters and more than {DEEPEST} levels are not accepted."
            )


def _checked(place: str, number: int, item: Any, columns: Mapping[str, Column]) -> dict[str, Any]:
    def refuse(problem: str) -> CompanySuiteError:
        return CompanySuiteError(f"{place}, expectation {number}: {problem}")

    if not isinstance(item, dict):
        raise refuse("an object with type, kwargs, severity and description is expected.")
    known = {"type", "kwargs", "severity", "meta", "description"}
    if unknown := sorted(map(str, item.keys() - known)):
        raise refuse(f"it has an entry {unknown[0]!r:.60}; known are {', '.join(sorted(known))}.")
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise refuse(f"its type is {kind!r:.60}; known are {', '.join(sorted(TYPES))}.")
    if item.get("severity") not in SEVERITIES:
        raise refuse("its severity is not critical (nothing of the input is used in the drop) or warning.")
    description = item.get("description")
    if not isinstance(description, str) or not 0 < len(description.strip()) <= LONGEST or not description.isprintable():
        raise refuse(f"its description is not one line of at most {LONGEST} characters that says what must hold.")
    given = item.get("kwargs")
    if not isinstance(given, dict):
        raise refuse("its kwargs are not an object of arguments.")
    arguments = {name.removesuffix("!"): (what, name.endswith("!")) for name, what in TYPES[kind].items()}
    if unknown := sorted(map(str, given.keys() - arguments.keys())):
        raise refuse(f"{kind} takes no {unknown[0]!r:.60}; it takes {', '.join(arguments)}.")
    if missing := [n for n, (_, needed) in arguments.items() if needed and given.get(n) is None]:
        raise refuse(f"{kind} needs {missing[0]}.")
    column = columns.get(given["column"]) if isinstance(given.get("column"), str) else None
    kwargs = {}
    for name, value in given.items():
        if value is None:
            continue
        problem, kwargs[name] = _argument(arguments[name][0], value, column, columns)
        if problem:
            raise refuse(f"{name} {problem}")
    bounds = [kwargs[n] for n in ("min_value", "max_value") if n in kwargs]
    if "min_value" in arguments and not bounds:
        raise refuse(f"{kind} needs min_value or max_value.")
    if kwargs.setdefault("ignore_row_if", IGNORED.get(kind)) != IGNORED.get(kind):
        raise refuse(f"ignore_row_if is always {IGNORED[kind]}: leave it out.")
    if kwargs["ignore_row_if"] is None:
        del kwargs["ignore_row_if"]
    if kind in OF_TEXT and column and column.type not in (Type.TEXT, Type.EMAIL):
        raise refuse(f"{column.name} is no text.")
    if kind == "expect_column_values_to_be_between" and column and column.type is Type.BOOLEAN:
        raise refuse(f"{column.name} is true or false, which have no order.")
    if "column_A" in kwargs and columns[kwargs["column_A"]].type.sql != columns[kwargs["column_B"]].type.sql:
        raise refuse("column_A and column_B are of different types.")
    name = f"{kind} ({place}, {number})"
    return {**item, "kwargs": kwargs, "description": description.strip().rstrip("."), "meta": {"name": name}}


def _argument(what: str, value: Any, column: Column | None, columns: Mapping[str, Column]) -> tuple[str, Any]:
    """What is wrong with an argument ('' if nothing), and the argument as it is judged with."""
    if what in ("column", "columns"):
        names = value if isinstance(value, list) else [value]
        if isinstance(value, list) != (what == "columns") or not 0 < len(names) <= len(columns):
            return f"is not {'a list of columns' if what == 'columns' else 'a column'}.", value
        strange = [n for n in names if not isinstance(n, str) or n not in columns]
        if strange:
            return f"names {strange[0]!r:.60}, which the input does not have; it has {', '.join(columns)}.", value
        return "", value
    if what == "flag":
        return ("" if isinstance(value, bool) else "is not true or false."), value
    if what == "share":
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
        return ("" if fits else "is not a share above 0 and up to 1."), value
    if what == "count":
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
        return ("" if fits or value == "{min_rows}" else "is not a whole number, 0 or more."), value
    if what == "pattern":
        return _pattern_problem(value), value
    if what == "values":
        if not isinstance(value, list) or not 0 < len(value) <= MOST:
            return f"is not a list of 1 to {MOST} values.", value
        pairs = [_value(v, column) for v in value]
        return next((p for p, _ in pairs if p), ""), [v for _, v in pairs]
    if what == "value":
        return _value(value, column)
    return ("" if isinstance(value, str) else "is not a text."), value


def _value(value: Any, column: Column | None) -> tuple[str, Any]:
    """What is wrong with a value to compare a column with, and the value in the column's type."""
    kind = column.type if column else Type.TEXT
    if kind in (Type.DATE, Type.TIMESTAMP):
        if value == "{latest_day}" or type(value) is date:
            return "", value
        try:
            return "", date.fromisoformat(value)
        except (TypeError, ValueError):
            return "is not a day as YYYY-MM-DD, or {latest_day}.", value
    if kind.is_number:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return ("" if fits and abs(value) < 2**63 else "is not a number."), value
    if kind is Type.BOOLEAN:
        return ("" if isinstance(value, bool) else "is not true or false."), value
    fits = isinstance(value, str) and len(value) <= LONGEST
    return ("" if fits else f"is not a text of at most {LONGEST} characters (put it in quotes)."), value


def _pattern_problem(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return f"is not a pattern of 1 to {LONGEST} characters."
    try:
        duckdb.execute("select regexp_matches('', ?)", [value]).fetchall()
    except duckdb.Error as error:
        return f"is not a pattern of RE2 ({str(error).splitlines()[0][:120]})."
    return ""
