"""Inputs and reference tables in words: what a file holds, which headers are known, an example row, who needs it. Made
from the contracts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pipelines.contracts import INPUTS, REFERENCE, Contract, Form, Kind, Type
from pipelines.contracts.aliases import aliases
from pipelines.guide.markdown import anchor, cell, code, fenced, table
from pipelines.guide.meanings import meanings
from pipelines.guide.rules import ASSIGNMENTS, USE_INPUTS, needed_by

TYPES = {
    Type.TEXT: "text",
    Type.EMAIL: "e-mail",
    Type.DATE: "date",
    Type.TIMESTAMP: "date and time",
    Type.INTEGER: "whole number",
    Type.NUMBER: "number",
    Type.PRICE: "number",
    Type.RATE: "number",
    Type.BOOLEAN: "true or false",
}
KINDS = {
    Kind.STATE: "a state: for month M, only the drop of M is read",
    Kind.EVENT: "events: exports may overlap; for each key, the latest export counts",
    Kind.REFERENCE: "a table that you maintain",
}
# Spellings that were seen in files, by the name the alias table gives their generation.
GENERATIONS = {
    "G0": "export of 2019",
    "G1": "exports of about 2021 to 2024, snake_case",
    "G2": "exports of about 2024 to 2025, sentence case",
    "G3": "exports from 2026, snake_case",
    "api": "reporting API",
}


def template(contract: Contract) -> str:
    """The header row of a table as CSV: the contract's columns in its order."""
    return _csv(contract.column_names)


def example_row(contract: Contract) -> str:
    """One made-up row as CSV, under the header of `template`."""
    return _csv([meanings()[(contract.name, column)].example for column in contract.column_names])


def _csv(values: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def columns_table(contract: Contract) -> str:
    """Every column: name, type, whether a row may lack it, meaning with the values allowed."""
    rows = []
    for column in contract.columns:
        meaning = meanings()[(contract.name, column.name)]
        limits = ""
        if column.minimum is not None:
            limits = f"; {'above' if column.exclusive else 'at least'} {column.minimum:g}"
        groups = [g for g in contract.any_of if column.name in g]
        needed = "yes" if column.required else ("one of " + ", ".join(groups[0]) if groups else "")
        rows.append(
            [code(column.name), TYPES[column.type], needed, cell(meaning.meaning + limits), cell(meaning.example)]
        )
    return table(["column", "type", "must be filled", "meaning", "example"], rows)


def key_in_words(contract: Contract) -> str:
    """What makes two rows of a reference table the same row."""
    dated = "valid_from" in contract.column_names
    key = ", ".join(code(k) for k in contract.natural_key)
    if dated:
        return (
            f"Key: {key}, and the days from `valid_from` to `valid_to`, both included. To change a value, leave the "
            "old row and add one with a later "
            "`valid_from`; the old one then ends the day before. Two rows with the same key that are valid on the same "
            "day are an error that names both."
        )
    return f"Key: {key}. Two different rows with the same key are an error that names both."


def reference_page(contract: Contract, heading: str = "#") -> str:
    """One reference table: what it is for, key, columns, an example, and which rules wait for it."""
    parts = [f"{heading} {contract.title}: `{contract.name}`\n"]
    parts.append(f"File: `landing/reference/{contract.name}.csv`. {key_in_words(contract)}\n")
    users = needed_by(contract.name, "ref")
    if users:
        parts.append(f"Rules that are not assessable without a row: {', '.join(users)}.\n")
    parts.append(columns_table(contract))
    parts.append("An example with invented data, which is not loaded:\n")
    parts.append(fenced(template(contract) + example_row(contract)))
    return "\n".join(parts)


def reference_pages() -> str:
    """The page of all reference tables."""
    parts = [
        "# Reference tables\n",
        "CSV files that you own, in `landing/reference/`: any file name, recognised by the header. `selfaudit init "
        "DIR` writes each of them empty, and a "
        "page like the sections below for each. A table without rows has no effect. A drop may contain its own "
        "copy, which then replaces the whole table for its month. Dates are written `YYYY-MM-DD`, numbers "
        "`1234.50`.\n",
        "Names of offerings and products, members of collections, two token rates and every threshold of a rule come "
        "with the project as defaults; a row of "
        "yours with the same key replaces the default. Prices, contracts, groups and approvals are never shipped.\n",
        table(
            ["table", "what it is", "rules that need it"],
            [
                [
                    f"[`{name}`](#reference-{name.replace('_', '-')})",
                    cell(c.title),
                    cell(", ".join(needed_by(name, "ref")) or "none"),
                ]
                for name, c in REFERENCE.items()
            ],
        ),
    ]
    parts += [anchor(f"reference-{n.replace('_', '-')}") + reference_page(c, "##") for n, c in REFERENCE.items()]
    return "\n".join(parts)


def headers_table(contract: Contract) -> str:
    """Other spellings of the headers, by the generation of files they were seen in; empty if there are none."""
    rows = [
        [cell(GENERATIONS.get(a.generation, a.generation)), code(a.alias), code(a.column)]
        for a in aliases().get(contract.name, ())
    ]
    return table(["seen in", "header, normalised", "read as"], rows) if rows else ""


def where_from(contract: Contract) -> str:
    """The portal's section, or that it comes from elsewhere."""
    if contract.section in {"", "outside"}:
        return "From outside the portal"
    many = "," in contract.section
    return f"Portal section{'s' if many else ''} {contract.section.replace(', ', ' and ')}"


def input_page(contract: Contract, heading: str = "##") -> str:
    """One input: what it is, columns, headers, an example where it is a form of the project's own, and which rules need
    it.
    """
    parts = [
        f"{heading} {contract.title}: `{contract.name}`\n",
        f"{where_from(contract)}. Used as {KINDS[contract.kind]}.\n",
    ]
    users = needed_by(contract.name)
    if not users:
        parts.append("No rule requires it.\n")
    elif contract.name in {*ASSIGNMENTS, *USE_INPUTS}:
        parts.append(f"Rules that need it, or another input in its place: {', '.join(users)}.\n")
    else:
        parts.append(f"Rules that need it: {', '.join(users)}.\n")
    parts.append(columns_table(contract))
    if contract.form is not Form.TABLE:
        parts.append(
            f"It has no header: it is a {contract.form.value}, recognised by its lines, from which these columns are "
            "read.\n"
        )
        return "\n".join(parts)
    spellings = headers_table(contract)
    if spellings:
        parts.append(
            "Headers are compared in lower case, with `_` for everything but letters and digits. Besides the names "
            "above, these are understood:\n"
        )
        parts.append(spellings)
    if any(meanings()[(contract.name, c)].example for c in contract.column_names):
        parts.append("An example:\n")
        parts.append(fenced(template(contract) + example_row(contract)))
    return "\n".join(parts)


def input_pages() -> str:
    """The page of all inputs."""
    parts = [
        "# Inputs\n",
        "The kinds of files that the landing zone can contain. A file is recognised by its header or its lines, never "
        "by its name. Columns may be in any order; columns that are not listed are kept with the row and reported "
        "once. [Getting the files](exporting.md) explains how to export the portal's files.\n",
        table(
            ["input", "what it is", "where from"],
            [
                [f"[`{name}`](#input-{name.replace('_', '-')})", cell(c.title), where_from(c)]
                for name, c in INPUTS.items()
            ],
        ),
    ]
    parts += [anchor(f"input-{n.replace('_', '-')}") + input_page(c) for n, c in INPUTS.items()]
    return "\n".join(parts)
