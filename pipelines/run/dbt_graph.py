"""Dependencies of the dbt project: which models, rules and outputs a failed model affects, and which it does not. Reads
a manifest; runs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.run.dbt_call import NodeResult

# Models that combine independent branches, one rule or subject each: a failed branch is left out, and its rules could
# not run. What a collector reads for all branches at once (the months, the inputs, the needs of a rule) is not a
# branch.
COLLECTORS = ("int_finding_row", "int_assessability", "int_excluded_subject", "int_subject_count")
# Branches of int_assessability: each decides about rules that read it themselves.
_ASSESSED_BY = {"int_directory_account", "int_portal_user", "int_pool", "int_excluded_subject"}
_FOR_ALL = re.compile(r"int_(month|input_.*|assessability|rate)$")
# Outputs that list every rule: they are made without the failed rule, which rule_runs reports. All other outputs that
# show its findings are not made.
OF_EVERY_RULE = {"findings", "rule_runs", "finding_causes", "unverified_findings"}
_RULE = re.compile(r"'([A-Z]{3}-[0-9]{2})'")
_FAMILY = re.compile(r"rule_id like '([A-Z]{3})")


def rule_of(model: str) -> str:
    """The rule of a rule view: `use_01_inactive_seat` is USE-01."""
    return model[:6].upper().replace("_", "-")


@dataclass(frozen=True)
class Taken:
    """What a failure affects. models: those that cannot be made; rules: those that could not run; each mapped to the
    failed model that causes it.
    """

    models: Mapping[str, str]
    rules: Mapping[str, str]


class Graph:
    """The models of the project and what each reads, by name."""

    def __init__(self, manifest: Mapping[str, Any], subjects: Mapping[str, str]) -> None:
        """manifest: as written by dbt. subjects: rule → what it counts, from the rule catalogue."""
        nodes = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
        self.schema = {n["name"]: str(n["schema"]) for n in nodes}
        self.is_view = {n["name"]: n["config"]["materialized"] == "view" for n in nodes}
        self.code = {n["name"]: str(n.get("raw_code") or "") for n in nodes}
        self.columns = {n["name"]: [(c["name"], c.get("data_type")) for c in n["columns"].values()] for n in nodes}
        self.parents = {
            n["name"]: {p.split(".")[2] for p in n["depends_on"]["nodes"] if p.startswith("model.")} for n in nodes
        }
        self.sources = {
            n["name"]: {p.split(".")[3] for p in n["depends_on"]["nodes"] if p.startswith("source.selfaudit.raw.")}
            for n in nodes
        }
        # Test → the model that it tests.
        self.tests = {
            n["name"]: str(n.get("attached_node") or "..?").split(".")[2]
            for n in manifest["nodes"].values()
            if n["resource_type"] == "test"
        }
        self.subjects = subjects

    @cached_property
    def children(self) -> dict[str, set[str]]:
        """Model → the models that read it."""
        found: dict[str, set[str]] = {name: set() for name in self.parents}
        for name, parents in self.parents.items():
            for parent in parents:
                found[parent].add(name)
        return found

    @cached_property
    def rules(self) -> dict[str, str]:
        """Rule → its view."""
        return {rule_of(name): name for name, schema in self.schema.items() if schema == "rules"}

    def is_branch(self, parent: str, collector: str) -> bool:
        """Whether the collector can be made without this one of its parents."""
        if collector not in COLLECTORS or _FOR_ALL.match(parent):
            return False
        return collector != "int_assessability" or parent in _ASSESSED_BY

    def branches(self, collector: str) -> set[str]:
        """The parents without which the collector can be made."""
        return {p for p in self.parents[collector] if self.is_branch(p, collector)}

    def descendants(self, names: Iterable[str], through_branches: bool = True) -> dict[str, str]:
        """Models that read these directly or indirectly, each with the one it derives from, including the models
        themselves.

        through_branches: False stops where a collector can be made without them.
        """
        found = {name: name for name in names}
        waiting = list(found)
        while waiting:
            parent = waiting.pop(0)
            for child in sorted(self.children[parent]):
                if child not in found and (through_branches or not self.is_branch(parent, child)):
                    found[child] = found[parent]
                    waiting.append(child)
        return found

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Models that these read directly or indirectly, including the models themselves."""
        found = set(names)
        waiting = list(found)
        while waiting:
            for parent in self.parents[waiting.pop()]:
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    @cached_property
    def place(self) -> dict[str, int]:
        """Model → its position in a topological order."""
        found: dict[str, int] = {}
        waiting = sorted(self.parents, reverse=True)
        while waiting:
            name = waiting[-1]
            missing = sorted(self.parents[name] - found.keys())
            if name in found or not missing:
                waiting.pop()
                found.setdefault(name, len(found))
            else:
                waiting += missing
        return found

    def in_order(self, nodes: Iterable[NodeResult]) -> list[NodeResult]:
        """Results of models in topological order, then those of tests."""
        return sorted(nodes, key=lambda n: (n.resource_type == "test", self.place.get(n.name, -1), n.unique_id))

    def taken(self, failed: Collection[str]) -> Taken:
        """What these failed models affect: models that read them, rules that cannot run, and outputs that show findings
        of such a rule.
        """
        models = self.descendants(failed, through_branches=False)
        rules = {rule: models[view] for rule, view in self.rules.items() if view in models}
        for rule, counted in self.counted_in.items():
            for parent in sorted(counted & models.keys()):
                rules.setdefault(rule, models[parent])
        for output, shown in self.rules_shown.items():
            for rule in sorted(shown & rules.keys()):
                for name, _ in self.descendants([output]).items():
                    models.setdefault(name, rules[rule])
        return Taken(models, dict(sorted(rules.items())))

    @cached_property
    def rules_shown(self) -> dict[str, set[str]]:
        """Published model → the rules whose findings it is made from; empty for outputs that list every rule."""
        found = {}
        for name, parents in self.parents.items():
            if {"findings", "int_finding"} & parents and name not in OF_EVERY_RULE:
                text = self.code[name]
                families = set(_FAMILY.findall(text))
                named = set(_RULE.findall(text)) & self.rules.keys()
                found[name] = named | {r for r in self.rules if r[:3] in families}
        return found

    @cached_property
    def counted_in(self) -> dict[str, set[str]]:
        """Rule → the models in which int_subject_count counts its subjects."""
        branches = [
            (set(re.findall(r"'([a-z_]+)'", part)), set(re.findall(r"ref\('([a-z0-9_]+)'\)", part)))
            for part in self.code.get("int_subject_count", "").split("union all")
        ]
        return {
            rule: {m for texts, models in branches if subject in texts for m in models} - {"int_month"}
            for rule, subject in self.subjects.items()
        }


def read_graph(manifest: Path, subjects: Mapping[str, str]) -> Graph:
    """The graph of a manifest file."""
    return Graph(json.loads(manifest.read_text()), subjects)
