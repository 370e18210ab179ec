"""`python -m tests.mutations`: plants each mistake of the list and of a drawn sample, runs the tests that should see
it, and writes docs/mutations.md.

Exit code 1 if a mistake of the list was seen by no test. Holds how they are run and what is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pipelines.run import dbt_call, ingestion
from pipelines.settings import Settings
from tests.conftest import ROOT
from tests.dbt.unit_tests import NoStatementError, Runner
from tests.mutations.planted import planted as listed
from tests.mutations.project import DBT, Mutation, copy_project, planted, red_in_pytest
from tests.mutations.sampled import of_models, of_modules

PAGE = ROOT / "docs" / "mutations.md"
MONTH = "2026-01"
Outcome = list[tuple[Mutation, str]]


def empty_warehouse(folder: Path) -> Path:
    """A warehouse in which every model was made of no row: unit tests need its columns."""
    settings = Settings(data=folder / "data")
    (settings.landing / MONTH).mkdir(parents=True)
    ingestion.ingest(settings, [MONTH])
    dbt_call.build(settings)
    return settings.warehouse


def run(mutations: list[Mutation], project: Path, runner: Runner) -> Outcome:
    """Each mistake with the test that is red, '' if none is. What DuckDB does not take for a statement is no mistake:
    it cannot be made. Raises RuntimeError where a test of pytest is red in the copy without a mistake."""
    found: Outcome = []
    for tests in sorted({m.tests for m in mutations} - {DBT}):
        if red := red_in_pytest(project, tests):
            raise RuntimeError(f"{red} is red although nothing is planted")
    for m in mutations:
        if m.tests == DBT:
            text = m.planted_in((ROOT / m.file).read_text(encoding="utf-8"))
            try:
                red = runner.red(Path(m.file).stem, text).split(":")[0]
            except NoStatementError:
                continue
        else:
            with planted(project, m):
                red = red_in_pytest(project, m.tests)
        found.append((m, red))
        print(f"{red or 'SURVIVED':60.60}  {Path(m.file).name}: {m.what}", flush=True)
    return found


def table(outcome: Outcome) -> str:
    """The outcome as Markdown."""
    rows = [f"| {Path(m.file).name} | {m.what} | {red or '**survived**'} |" for m, red in outcome]
    return "\n".join(["| file | mistake | test |", "| --- | --- | --- |", *rows])


def share(outcome: Outcome) -> str:
    """How many were seen."""
    seen = sum(bool(red) for _, red in outcome)
    return f"{seen} of {len(outcome)} ({seen / max(1, len(outcome)):.0%})"


def by_folder(outcome: Outcome) -> str:
    """How many were seen in each folder of models and each room of Python modules, as Markdown."""
    parts: dict[str, Outcome] = {}
    for m, red in outcome:
        folders = Path(m.file).parent.parts[: 3 if m.tests == DBT else 2]
        parts.setdefault("/".join(folders), []).append((m, red))
    rows = [f"| {name} | {share(part)} |" for name, part in sorted(parts.items())]
    return "\n".join(["| folder | seen |", "| --- | --- |", *rows])


def page(of_list: Outcome, of_sample: Outcome, drawn: str) -> str:
    """docs/mutations.md. drawn: how the sample was drawn."""
    return f"""# Mutations

`make mutate` plants one mistake after the other and runs the tests that should see it: of a model dbt's unit tests of
it, in DuckDB without dbt (`tests/dbt/unit_tests.py`); of a Python module, in a copy of the project, the tests of pytest
that belong to it. It writes this page. The golden rows and the oracle, which need a reviewed demo and see much of the
rest, are not asked.

## The list

Mistakes that somebody could make and that no test saw once (`tests/mutations/planted.yml`): {share(of_list)} seen.

{table(of_list)}

## A sample

Mistakes made by rule and drawn by lot (`tests/mutations/sampled.py`), {drawn}: {share(of_sample)} seen.

{by_folder(of_sample)}

Those that no test saw. A mistake may be equivalent: a limit that no row can meet, an order among rows of which only
one is left, an outer join on rows that are always there.

{table([(m, red) for m, red in of_sample if not red])}
"""


def main() -> int:
    """Plant, run, write. 1 if a mistake of the list survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("--models", type=int, default=500, help="mistakes drawn in models")
    parser.add_argument("--modules", type=int, default=150, help="mistakes drawn in Python modules")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warehouse", type=Path, help="in which every model was made once (default: one is made)")
    arguments = parser.parse_args()
    of_list = listed()
    drawn = [*of_models(arguments.models, arguments.seed), *of_modules(arguments.modules, arguments.seed)]
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder) / "project")
        outcome = run([*of_list, *drawn], project, Runner(arguments.warehouse or empty_warehouse(Path(folder))))
    first = [(m, red) for m, red in outcome if m in of_list]
    second = [(m, red) for m, red in outcome if m not in of_list]
    how = f"{arguments.models} of models and {arguments.modules} of Python modules with seed {arguments.seed}"
    PAGE.write_text(page(first, second, how), encoding="utf-8")
    print(f"the list: {share(first)}; the sample: {share(second)}; written to {PAGE.relative_to(ROOT)}")
    return 0 if all(red for _, red in first) else 1


if __name__ == "__main__":
    sys.exit(main())
