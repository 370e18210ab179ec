"""The dbt call of a run, completed even if models fail: what does not depend on a failed model is made, what does is
reported with its cause.

A failed model is left out of collectors of branches (`dbt_graph`), with an empty relation in its place (`stubs`); the
rules that read it could not run. If a failure may come from the data of one month, months are made separately until
that month is known. Source of the rule: docs/decisions/0027.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import duckdb

from pipelines.failures.omissions import MART, OUTPUT, RULE, Unmade
from pipelines.run import dbt_call
from pipelines.run.dbt_call import NodeResult
from pipelines.run.dbt_graph import COLLECTORS, Graph, Taken
from pipelines.run.failure_cause import Cause, cause_of, failing_views
from pipelines.run.stubs import known_columns, put_stubs
from pipelines.settings import Settings
from pipelines.warehouse import connect, insert_rows

Progress = Callable[[str], None]
# Limits of further dbt calls: for failures that appear only after an earlier one, and for finding the month whose data
# fails.
ROUNDS, CALLS = 6, 12
# Errors that do not depend on the data: every month has them.
_OF_THE_TEXT = re.compile(
    r"(Binder|Parser|Catalog|Syntax|Compilation) Error|Dependency Error|not implemented", re.IGNORECASE
)
PUBLISHED = {"calendar": OUTPUT, "marts": MART}


@dataclass
class Built:
    """Results of the dbt calls of a run. nodes: the last result of each model and test. unmade: what could not be made,
    by month.
    """

    nodes: list[NodeResult]
    unmade: list[Unmade] = field(default_factory=list)


class Mender:
    """Makes what can be made of the months in raw.run_month."""

    def __init__(
        self, settings: Settings, graph: Graph, set_months: Callable[[Sequence[str]], None], progress: Progress
    ) -> None:
        """set_months: sets the warehouse to some of the months of the run."""
        self.settings, self.graph, self.set_months, self.progress = settings, graph, set_months, progress
        self.calls = 0

    def build(self, standing: Collection[str] = ()) -> Built:
        """Build every model for the months of raw.run_month. standing: existing views that are identical to what this
        would create. Raises TransformError if dbt cannot run or the machine is at fault, or if no output can be made.
        """
        made = dbt_call.build(self.settings, self.progress, views_stand=bool(standing))
        views = [NodeResult(f"model.selfaudit.{v}", "model", "success", 0.0, "stands", 0) for v in standing]
        first = {n.unique_id: n for n in self.graph.in_order([*views, *made])}
        faults = self._faults(first)
        if not faults:
            return Built(list(first.values()))
        months = self._months()
        if len(months) > 1 and not all(_OF_THE_TEXT.search(m) for m in faults.values()):
            built = self._build_separately(first, faults, months)
        else:
            built = self._build_together(first, months)
        self._stop_if_nothing(built, months)
        return built

    def _stop_if_nothing(self, built: Built, months: Sequence[str]) -> None:
        outputs = {m for m, schema in self.graph.schema.items() if schema == "calendar"} - BESIDE
        missing = {(u.name, u.review_month) for u in built.unmade if u.kind == OUTPUT}
        if built.unmade and missing >= {(output, month) for output in outputs for month in months}:
            raise dbt_call.TransformError(built.unmade[0].why, built.nodes)

    def _months(self) -> list[str]:
        with connect(self.settings) as connection:
            rows = connection.execute(
                "select review_month from raw.run_month where review_month = drop_month"
            ).fetchall()
        return sorted(month for (month,) in rows)

    def _faults(self, nodes: dict[str, NodeResult]) -> dict[str, str]:
        """Model → the error message of the model or its test."""
        found: dict[str, str] = {}
        for node in nodes.values():
            if node.failed:
                if node.resource_type == "test":
                    found.setdefault(self.graph.tests[node.name], f"{node.name}: {node.message}")
                else:
                    found[node.name] = node.message
        return found

    def _build_separately(self, first: dict[str, NodeResult], faults: dict[str, str], months: list[str]) -> Built:
        """Make what the failed models affect again, for fewer months at a time; everything else is already made."""
        self.progress(f"{', '.join(sorted(faults))} failed; making its months apart, to lose only those at fault")
        touched = set(self.graph.descendants(faults))
        nodes, unmade = dict(first), []
        middle = len(months) // 2
        waiting = [months[:middle], months[middle:]]
        while waiting:
            part = waiting.pop(0)
            self.progress(f"making {part[0]} to {part[-1]} again" if len(part) > 1 else f"making {part[0]} again")
            self.set_months(part)
            self.calls += 1
            found = {
                n.unique_id: n for n in dbt_call.build(self.settings, self.progress, self._with_what_they_read(touched))
            }
            nodes |= found
            if not self._faults(found):
                continue
            if len(part) > 1 and self.calls < CALLS:
                middle = len(part) // 2
                waiting[:0] = [part[:middle], part[middle:]]
                continue
            built = self._build_together(found, part)
            nodes |= {n.unique_id: n for n in built.nodes}
            unmade += built.unmade
        self.set_months(months)
        dbt_call.build(self.settings, models=sorted(self.graph.ancestors(["int_month_state"])))
        return Built(list(nodes.values()), unmade)

    def _with_what_they_read(self, models: set[str]) -> list[str]:
        """These models and the unpublished ones that they read. Published tables that did not fail are left
        unchanged.
        """
        keep = {m for m in self.graph.ancestors(models) if self.graph.schema[m] not in PUBLISHED}
        return sorted(models | keep)

    def _build_together(self, nodes: dict[str, NodeResult], months: list[str]) -> Built:
        """Make what can be made without the failed models, for all these months alike."""
        causes: dict[str, Cause] = {}
        asked = {n.name for n in nodes.values() if n.resource_type == "model"}
        taken = Taken({}, {})
        for _ in range(ROUNDS):
            new = {m: text for m, text in self._faults(nodes).items() if m not in causes}
            if not new:
                break
            with connect(self.settings) as connection:
                causes |= self._causes(connection, new)
                taken = self.graph.taken(causes)
                taken = self._stub(connection, causes, taken)
                self._mark(connection, taken, causes)
            again = self._to_rebuild(nodes, asked, taken)
            if not again:
                break
            self.progress(f"{', '.join(sorted(new))} failed; making what does not depend on it")
            nodes |= {n.unique_id: n for n in dbt_call.build(self.settings, self.progress, again)}
        return Built(list(nodes.values()), self._unmade(taken, causes, asked, months))

    def _causes(self, connection: duckdb.DuckDBPyConnection, faults: dict[str, str]) -> dict[str, Cause]:
        """The models at fault, each with its cause. A collector that fails because of a branch is not at fault: the
        branch is.
        """
        causes: dict[str, Cause] = {}
        for model, message in faults.items():
            bad = {}
            if model in COLLECTORS and not _OF_THE_TEXT.search(message):
                bad = failing_views(connection, self.graph, self.graph.branches(model))
            for view, text in bad.items():
                causes[view] = cause_of(connection, self.graph, view, text)
            if not bad:
                causes[model] = cause_of(connection, self.graph, model, message)
        return causes

    def _stub(self, connection: duckdb.DuckDBPyConnection, causes: dict[str, Cause], taken: Taken) -> Taken:
        """Create empty relations for the affected models that collectors read; if that is impossible, the collector is
        affected too.
        """
        known = known_columns(connection, dbt_call.PREPARED / dbt_call.COLUMNS)
        while True:
            wanted = {
                branch: collector
                for collector in COLLECTORS
                if collector not in taken.models
                for branch in self.graph.branches(collector) & taken.models.keys()
            }
            without = put_stubs(connection, self.graph, wanted, known)
            if not without:
                return taken
            for branch in without:
                causes.setdefault(wanted[branch], causes[taken.models[branch]])
            taken = self.graph.taken(causes)

    def _mark(self, connection: duckdb.DuckDBPyConnection, taken: Taken, causes: dict[str, Cause]) -> None:
        keys = [key for (key,) in connection.execute("select review_month from raw.run_month").fetchall()]
        connection.execute("delete from raw.failed_rule where list_contains(?, review_month)", [keys])
        rows = [[k, rule, causes[model].sentence] for k in keys for rule, model in taken.rules.items()]
        insert_rows(connection, "raw.failed_rule", ("review_month", "rule_id", "reason"), rows)

    def _to_rebuild(self, nodes: dict[str, NodeResult], asked: set[str], taken: Taken) -> list[str]:
        """What must be made next: what dbt skipped although it can be made, and the models that report which rules
        could run.
        """
        missing = {n.name for n in nodes.values() if n.resource_type == "model" and n.status != "success"}
        untested = {
            self.graph.tests[n.name] for n in nodes.values() if n.resource_type == "test" and n.status == "skipped"
        }
        if taken.rules:
            missing |= self.graph.descendants(["int_assessability"]).keys()
        return sorted((missing | untested) & asked - taken.models.keys())

    def _unmade(self, taken: Taken, causes: dict[str, Cause], asked: set[str], months: Sequence[str]) -> list[Unmade]:
        found = []
        for month in months:
            for model, root in taken.models.items():
                kind = PUBLISHED.get(self.graph.schema[model])
                if kind and model in asked:
                    cause = causes[root]
                    found.append(Unmade(month, kind, model, cause.model, cause.reason, cause.place))
            for rule, root in taken.rules.items():
                cause = causes[root]
                found.append(Unmade(month, RULE, rule, cause.model, cause.reason, cause.place))
        return found


# Outputs that describe deliveries: if only these are made, nothing was reviewed.
BESIDE = {"file_register", "rejected_rows", "review_calendar"}
