"""The macros of the dbt project as functions that return SQL, without dbt: to hold one macro against an oracle in a
millisecond.

Renders what needs no model (`ref`, `source` and hooks are not there). Holds no expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2

from tests.conftest import ROOT

FOLDER = ROOT / "dbt_project" / "macros"
FILES = ("engine/types.sql", "engine/lists.sql", "engine/money.sql", "currency.sql", "words.sql")


@cache
def macros(engine: str = "default") -> Callable[..., str]:
    """A function that renders a macro: name, then its arguments. engine: `default` (DuckDB) or `spark`."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined, autoescape=False)
    template: Any = None

    class Adapter:
        @staticmethod
        def dispatch(name: str, package: str) -> Any:
            found = template.module.__dict__.get(f"{engine}__{name}")
            return found or template.module.__dict__[f"default__{name}"]

    environment.globals.update({"return": lambda value: value, "adapter": Adapter})
    template = environment.from_string("\n".join((FOLDER / f).read_text(encoding="utf-8") for f in FILES))

    def render(name: str, *arguments: Any) -> str:
        return str(getattr(template.module, name)(*arguments)).strip()

    return render
