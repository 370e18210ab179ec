"""Everything in the project that names rules, held against the rule models: what disagrees. Reads a project's files, so
that it can be asked of a copy.

Holds no test; whether what is written of a rule is right, `tests/dbt/test_every_rule_is_complete.py` asks.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import yaml

# Rules that need nothing: they read whatever is there.
WITHOUT_NEEDS = {"CAL-01", "ENT-12"}


def rule_of(model: str) -> str:
    """The rule of a model: `use_01_inactive_seat` is USE-01."""
    return model[:6].upper().replace("_", "-")


def _column(path: Path, name: str) -> set[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {row[name] for row in csv.DictReader(handle)}


def rule_disagreements(root: Path) -> list[str]:
    """One sentence for each file and rule of a project that do not agree; none where all do."""
    dbt = root / "dbt_project"
    models = {p.stem for p in (dbt / "models" / "rules").rglob("*.sql")}
    rules = {rule_of(model) for model in models}
    tested = {
        test["model"]
        for path in (dbt / "models" / "rules").rglob("_unit_tests*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]
    }
    listed = set(re.findall(r"'([a-z]+_\d\d_\w+)'", (dbt / "macros" / "rule_list.sql").read_text(encoding="utf-8")))
    plants = "\n".join(p.read_text(encoding="utf-8") for p in (root / "pipelines" / "demo" / "plants").glob("*.py"))
    oracle = "\n".join(p.read_text(encoding="utf-8") for p in (root / "tests" / "oracle").glob("*.py"))
    page = (root / "docs" / "scoreboard.md").read_text(encoding="utf-8")
    places = {
        "seeds/rule_catalogue.csv": (rules, _column(dbt / "seeds" / "rule_catalogue.csv", "rule_id")),
        "seeds/rule_needs.csv": (rules - WITHOUT_NEEDS, _column(dbt / "seeds" / "rule_needs.csv", "rule_id")),
        "macros/rule_list.sql": (models, listed),
        "_unit_tests*.yml": (models, tested & models),
        "demo/plants": (rules, {r for r in rules if f'"{r}"' in plants}),
        "tests/oracle": (rules, {r for r in rules if re.search(rf'"{r}": (?!")', oracle)}),
        "tests/oracle/assessability.py": (rules, {r for r in rules if re.search(rf'"{r}": "', oracle)}),
        "docs/scoreboard.md": (rules, {r for r in rules if f"| {r} |" in page}),
    }
    said = []
    for place, (wanted, found) in places.items():
        said += [f"{place} does not name {name}" for name in sorted(wanted - found)]
        said += [f"{place} names {name}, of which there is no model" for name in sorted(found - wanted - WITHOUT_NEEDS)]
    return said
