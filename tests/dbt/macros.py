"""The macros and the models of the dbt project as SQL of one engine, without dbt: to hold one macro against an oracle
in a millisecond, and every model to the dialect of an engine that is not installed.

Renders what needs no warehouse: hooks and materializations are not there. Holds no expectation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2

from tests.conftest import ROOT

PROJECT = ROOT / "dbt_project"
FOLDER = PROJECT / "macros"
ENGINES = ("duckdb", "spark")
# Macros that hold no SQL of a model.
NOT_OF_MODELS = {"materialise.sql", "generate_schema_name.sql", "rule_list.sql"}


@cache
def _environment(engine: str) -> tuple[jinja2.Environment, Any]:
    """Templates of the engine, and the macros."""
    if engine not in ENGINES:
        raise ValueError(f"{engine}: not one of {ENGINES}")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined, autoescape=False)
    module: Any = None

    class Adapter:
        @staticmethod
        def dispatch(name: str, package: str) -> Any:
            return module.__dict__[f"{engine}__{name}"]

    environment.globals.update(
        {
            "return": lambda value: value,
            "adapter": Adapter,
            "ref": lambda name: f"{schemas()[name]}.{name}",
            "source": lambda schema, name: f"{schema}.{name}",
            "config": lambda **settings: "",
            "is_incremental": lambda: False,
        }
    )
    # A macro that returns no text.
    rules = re.findall(r"'([a-z]{3}_[0-9]{2}_[a-z_0-9]+)'", (FOLDER / "rule_list.sql").read_text("utf-8"))
    environment.globals["rule_models"] = lambda: rules
    files = [p for p in sorted(FOLDER.rglob("*.sql")) if p.name not in NOT_OF_MODELS]
    other = {FOLDER / "engine" / e for e in ENGINES if e != engine}
    text = "\n".join(p.read_text(encoding="utf-8") for p in files if p.parent not in other)
    module = environment.from_string(text).module
    environment.globals.update({k: v for k, v in module.__dict__.items() if not k.startswith("_")})
    return environment, module


@cache
def macros(engine: str = "duckdb") -> Callable[..., str]:
    """A function that renders a macro: name, then its arguments. engine: one of ENGINES."""
    module = _environment(engine)[1]

    def render(name: str, *arguments: Any) -> str:
        return str(getattr(module, name)(*arguments)).strip()

    return render


@cache
def schemas() -> dict[str, str]:
    """Model → its schema, which is the folder of its layer."""
    found = (PROJECT / "models").rglob("*")
    return {p.stem: p.relative_to(PROJECT / "models").parts[0] for p in found if p.suffix in {".sql", ".py"}}


def rendered(engine: str, model: str, text: str, incremental: bool = False) -> str:
    """The statement that a model of this text is. incremental: with history, as on a table that is there already."""
    template = _environment(engine)[0].from_string(text)
    return template.render(is_incremental=lambda: incremental, this=f"{schemas()[model]}.{model}").strip()


def models(engine: str, incremental: bool = False) -> dict[str, str]:
    """Every SQL model → its statement."""
    found = sorted((PROJECT / "models").rglob("*.sql"))
    return {p.stem: rendered(engine, p.stem, p.read_text(encoding="utf-8"), incremental) for p in found}
