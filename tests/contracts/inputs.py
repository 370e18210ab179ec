"""Everything in the project that names inputs, held against the contracts: what disagrees. Reads a project's files, so
that it can be asked of a copy.

Holds no test.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# Files of a project that are read, and those that importing the contracts needs.
PARTS = ("pipelines", "dbt_project", "expectations", "docs")
TABLE, EVENT = "table", "event"
NAMED_IN_SQL = re.compile(r"\binput\s+(?:not\s+)?in\s*\(([^()]*)\)")


def contracts(root: Path) -> dict[str, tuple[str, str]]:
    """Input → its kind and form, as the contracts of a project say it. Raises ValueError where they cannot be
    imported."""
    code = (
        "import json; from pipelines.contracts import INPUTS; "
        "print(json.dumps({n: (c.kind.value, c.form.value) for n, c in INPUTS.items()}))"
    )
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(done.stderr.strip().splitlines()[-1])
    return {name: (kind, form) for name, (kind, form) in json.loads(done.stdout).items()}


def _column(path: Path, name: str) -> set[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {row[name] for row in csv.DictReader(handle)}


def _listed(text: str) -> set[str]:
    return set(re.findall(r"'([a-z_]+)'", text))


def _of(path: Path, what: str, named: Iterable[str], wanted: Iterable[str], exactly: bool = True) -> list[str]:
    """What a file names beside the contracts, and (exactly) what it leaves out."""
    named, wanted = set(named), set(wanted)
    said = [f"{path}: {what} names {name}, which is no such input" for name in sorted(named - wanted)]
    return said + [f"{path}: {what} does not name {name}" for name in sorted(wanted - named) if exactly]


def disagreements(root: Path) -> list[str]:
    """One sentence for each file and input of a project that do not agree; none where all do."""
    try:
        inputs = contracts(root)
    except ValueError as error:
        return [f"the contracts cannot be imported: {error}"]
    tables = {n for n, (_, form) in inputs.items() if form == TABLE}
    events = {n for n, (kind, _) in inputs.items() if kind == EVENT}
    here, models = Path(root), Path(root) / "dbt_project" / "models"
    folder = here / "pipelines" / "contracts"
    modules = {p.stem for p in folder.glob("*.py") if re.search(r"^CONTRACT = ", p.read_text(encoding="utf-8"), re.M)}
    said = _of(folder, "the folder", modules, inputs)
    spelt = _column(folder / "aliases.csv", "input") | _column(folder / "aliases_outside.csv", "input")
    said += _of(folder / "aliases.csv", "the table of spellings", spelt & set(inputs), tables)
    suites = here / "expectations" / "suites"
    said += _of(suites, "the folder", {p.stem for p in suites.glob("*.json")}, inputs)
    described = _column(here / "pipelines" / "guide" / "columns.csv", "table")
    said += _of(here / "pipelines" / "guide" / "columns.csv", "the table", described & set(inputs), inputs)
    page = here / "docs" / "exporting.md"
    told = {n for n in inputs if re.search(rf"\b{n}\b", page.read_text(encoding="utf-8"))}
    said += _of(page, "the page", told, tables)
    staged = {p.stem.partition("__")[2]: p for p in (models / "staging").rglob("stg_*__*.sql")}
    said += _of(models / "staging", "the folder", staged, inputs)
    for name, path in staged.items():
        if not re.search(rf"source\('raw', '{name}'\)", path.read_text(encoding="utf-8")):
            said.append(f"{path}: reads no source('raw', '{name}')")
    sources = models / "staging" / "_sources.yml"
    raw = sources.read_text(encoding="utf-8").partition("- name: raw")[2].partition("- name: reference")[0]
    said += _of(sources, "the schema raw", set(re.findall(r"- name: ([a-z_]+)", raw)) & set(inputs), inputs)
    for path in sorted(models.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for names in NAMED_IN_SQL.findall(text):
            said += _of(path, "a list", _listed(names), inputs, exactly=False)
        if path.stem == "int_input_present":
            said += _of(path, "the list", _listed(text.partition("in [")[2].partition("]")[0]), inputs)
        if path.stem == "int_drop_input":
            states = _listed(text.partition("l.input in (")[2].partition(")")[0])
            said += _of(path, "the list of states", states, set(inputs) - events)
        if path.stem == "int_assessability":
            lists = [_listed(m) for m in re.findall(r"\binput not in \(([^()]*)\)", text)]
            said += [line for names in lists for line in _of(path, "the list of events", names, events)]
    return said
