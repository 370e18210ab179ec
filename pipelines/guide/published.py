"""Every column of what is published, in words: from dbt's YAML, the chain of publications, and the tables about
tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from pipelines.guide.markdown import anchor, cell, code, table
from pipelines.guide.rules import catalogue
from pipelines.publish import publications
from pipelines.publish.measures import measures
from pipelines.settings import DBT_PROJECT

META = {
    "columns": (
        "Grain: column of a published table. The same words as on this page, to be read by tools.",
        {
            "schema_name": "Schema",
            "table_name": "Table",
            "table_description": "What a row of the table is",
            "column_name": "Column",
            "column_description": "What the column holds",
        },
    ),
    "measures": (
        "Grain: measure. One expression per number; BI definitions take theirs from here.",
        {
            "measure": "Name",
            "relation": "Published table over whose rows it is taken",
            "label": "Name that people read",
            "expression": "SQL over rows of the table; null if the rows cannot be added up",
            "aggregate": "The aggregate inside the expression",
            "only_rows": "Condition of the rows that count; empty = all",
            "unit": "What it counts, or share or money",
            "within_one": "Columns of which the rows may show one value only, ; between",
            "additive_over": "Columns over whose values it may be added, ; between",
            "description": "What it says",
        },
    ),
    "not_made": (
        "Grain: month x kind x name. What the last run of a month could not make, and which publication still stands; "
        "empty = all was made.",
        {
            "review_month": "Month that could not be made whole",
            "kind": "output, mart, rule, input, file, workbook, page or pack",
            "name": "The output, mart, rule or input; of files the path below `published`",
            "cause": "Model, file or step that failed",
            "reason": "Its error message, in one line",
            "place": "File and row of the value at fault, where they could be found",
            "advice": "What to do",
            "former_version": "Version of the publication that still stands; empty = none",
            "former_drop": "Last drop that this publication knew; empty = none",
        },
    ),
    "last_made": (
        "Grain: month. What the latest run of the month made, and what it made it for.",
        {
            "review_month": "Month",
            "because": "What had changed since it was made before (reference tables, files of the drops, software, "
            "earlier months), or why all of it was made",
            "outputs": "The outputs that were made: all, or their names",
        },
    ),
    "rule_catalogue": (
        "Grain: rule. The rules as this site shows them.",
        {
            "rule_id": "Rule",
            "family": "First part of the id",
            "title": "Name",
            "question": "The question it answers",
            "in_words": "When it fires, for people",
            "definition": "When it fires, to the letter",
            "example": "One case with its numbers",
            "severity": "Severity, and on what it depends",
            "calendar_output": "Output that shows its findings, ; between",
            "key": "What makes two findings the same: T team, O offering, P person, S scope",
            "observed": "What the column observed of a finding holds",
            "threshold": "What the column threshold holds",
            "excess": "What the column excess holds",
            "unit": "Unit of the three: number, days, money and so on; none where they say nothing",
            "observed_is": "What observed is, for people",
            "threshold_is": "What threshold is, for people",
            "excess_is": "What excess is, for people",
            "scope_is": "What the scope is; empty = it has none",
            "exposure": "How the money at stake is made; empty = none",
            "inputs": "Inputs it needs; * any drop, @n months before, ? partly without, ref. a reference table",
            "parameters": "Parameters with their defaults",
            "subject": "What is counted as examined in rule_runs",
            "source": "Where the rule comes from",
            "rule_version": "Version of the rule",
        },
    ),
}


@dataclass(frozen=True)
class Table:
    """A published table: schema, name, what a row is, columns as (name, type, meaning)."""

    schema: str
    name: str
    description: str
    columns: tuple[tuple[str, str, str], ...]


@cache
def published_tables() -> tuple[Table, ...]:
    """Every table of the published file, calendar first, by name."""
    found = [_of_dbt(schema, model) for schema in ("calendar", "marts") for model in _models(schema)]
    chain = tuple((name, "", meaning) for name, meaning in publications.DESCRIPTIONS.items())
    found.append(Table("calendar", "publications", publications.ABOUT, chain))
    for name, (about, columns) in META.items():
        found.append(Table("meta", name, about, tuple((c, "varchar", m) for c, m in columns.items())))
    return tuple(sorted(found, key=lambda t: (t.schema, t.name)))


def _models(folder: str) -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = []
    for path in sorted((DBT_PROJECT / "models" / folder).rglob("_models.yml")):
        models += yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return models


def _of_dbt(schema: str, model: dict[str, Any]) -> Table:
    columns = tuple((c["name"], c.get("data_type", ""), c["description"]) for c in model["columns"])
    return Table(schema, model["name"], model["description"], columns)


def published_pages() -> dict[str, str]:
    """Page name → text: an overview and one page per schema."""
    titles = {
        "calendar": "Outputs: schema calendar",
        "marts": "Dimensions and facts: schema marts",
        "meta": "Descriptions: schema meta",
    }
    overview = [
        "# Published tables and columns\n",
        "All tables are in `published/selfaudit.duckdb`; those of `calendar` and `marts` are also published as Parquet "
        "per month, those of `calendar` as CSV too, and those for people as workbooks. The tables of `calendar` and "
        "`marts` have a column `review_month`, and contain the latest version of each month.\n",
    ]
    pages = {}
    for schema, title in titles.items():
        tables = [t for t in published_tables() if t.schema == schema]
        overview.append(f"## {title}\n")
        overview.append(
            table(["table", "a row is"], [[f"[`{t.name}`](#table-{_slug(t)})", cell(t.description)] for t in tables])
        )
        pages[f"columns-{schema}"] = "\n".join([f"# {title}\n", *(_section(t) for t in tables)])
    pages["columns"] = "\n".join(overview)
    return pages


def measure_page() -> str:
    """The page of all measures, by the table they are taken over."""
    parts = [
        "# Measures\n",
        "One expression per number, published as `meta.measures`; the definitions for BI tools are generated from it. "
        "A measure is null if its rows cannot be added up, such as rows with two currencies or two months of a "
        "state.\n",
    ]
    for relation in dict.fromkeys(m.relation for m in measures()):
        parts.append(f"## {relation}\n")
        rows = [
            [code(m.name), cell(m.label), cell(m.description), m.unit, cell(", ".join(m.additive_over) or "nothing")]
            for m in measures()
            if m.relation == relation
        ]
        parts.append(table(["measure", "label", "meaning", "unit", "may be added over"], rows))
    return "\n".join(parts)


def _slug(of: Table) -> str:
    return f"{of.schema}-{of.name}".replace("_", "-")


def _section(of: Table) -> str:
    rules = [
        r["rule_id"] for r in catalogue() if of.schema == "calendar" and of.name in r["calendar_output"].split(";")
    ]
    parts = [anchor(f"table-{_slug(of)}") + f"## {of.schema}.{of.name}\n", f"{cell(of.description)}\n"]
    if rules:
        parts.append(f"Shows the findings of {', '.join(f'[{r}](#{r.lower()})' for r in rules)}.\n")
    parts.append(table(["column", "type", "holds"], [[code(n), cell(t), cell(m)] for n, t, m in of.columns]))
    return "\n".join(parts)
