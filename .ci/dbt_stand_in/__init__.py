"""What dbt gives to a template, for sqlfluff: the macros of the project, rendered by Jinja alone.

sqlfluff's own templater for dbt compiles every model with dbt, which takes five minutes; this takes none. Every name of
this module is a name of the templates. Not here: `ref`, `source` and `config` of the models, which sqlfluff stands in
for itself, and materializations, which hold no SQL of a model.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

_MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
_NOT_MACROS_OF_MODELS = {"materialise.sql", "rule_list.sql", "generate_schema_name.sql"}
# Their SQL is long and judged with no model, so that they stand as calls of functions: it halves the time.
_AS_CALLS = re.findall(
    r"{% macro (\w+)", "".join((_MACROS / n).read_text() for n in ("engine/money.sql", "params.sql"))
)
_NOT_MACROS_OF_MODELS |= {"money.sql", "params.sql"}


def _call(name: str) -> Callable[..., str]:
    def call(*arguments: Any, **named: Any) -> str:
        texts = [
            ", ".join(map(str, a)) if isinstance(a, list | tuple) else str(a) for a in (*arguments, *named.values())
        ]
        return f"{name}({', '.join(texts)})"

    return call


def _dispatch(name: str, package: str) -> Callable[..., str]:
    """The macro for DuckDB, as dbt's adapter finds it."""
    del package
    found: Callable[..., str] = getattr(_module, f"duckdb__{name}")
    return found


def _returned(value: Any) -> Any:
    """dbt's `return`, where its value is a text."""
    return value


adapter = SimpleNamespace(dispatch=_dispatch)
_given = {
    "adapter": adapter,
    "return": _returned,
    "ref": lambda name: name,
    "source": lambda schema, name: f"{schema}.{name}",
    "is_incremental": lambda: True,
    "this": "this_model",
    **{name: _call(name) for name in _AS_CALLS},
}
# sqlfluff runs this file again for every model: what takes time is kept where it stays.
_KEPT = "_macros_of_selfaudit"
if _KEPT not in sys.modules:
    _text = "\n".join(p.read_text() for p in sorted(_MACROS.rglob("*.sql")) if p.name not in _NOT_MACROS_OF_MODELS)
    _environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    sys.modules[_KEPT] = _environment.from_string(_text, _given).module  # type: ignore[assignment]
_module = sys.modules[_KEPT]
globals().update({name: _given[name] for name in _AS_CALLS})
globals().update({name: value for name, value in vars(_module).items() if not name.startswith("_")})


def rule_models() -> list[str]:
    """The list of rule_list.sql: a macro that returns no text."""
    return re.findall(r"'([a-z]{3}_[0-9]{2}_[a-z_]+)'", (_MACROS / "rule_list.sql").read_text())
