"""`python -m tests.mutations`: plants each mistake of the list and of a drawn sample, runs the tests that should see
it, and writes docs/mutations.md.

Exit code 1 if a mistake of the list was seen by no test. Holds how they are run and what is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from pipelines.run import dbt_call, ingestion
from pipelines.settings import Settings
from tests.conftest import ROOT
from tests.dbt.project import WAREHOUSE
from tests.mutations.planted import planted as listed
from tests.mutations.project import DBT, Mutation, copy_project, planted, red_in_dbt, red_in_pytest
from tests.mutations.sampled import sample

PAGE = ROOT / "docs" / "mutations.md"
MONTH = "2026-01"
Outcome = list[tuple[Mutation, str]]


def empty_warehouse(folder: Path) -> Path:
    """A folder with a warehouse in which every model was made of no row: unit tests need its tables and columns."""
    settings = Settings(data=folder / "data")
    (settings.landing / MONTH).mkdir(parents=True)
    ingestion.ingest(settings, [MONTH])
    dbt_call.build(settings)
    settings.warehouse.rename(folder / WAREHOUSE)
    return folder


def rounds(mutations: list[Mutation]) -> list[list[Mutation]]:
    """Mistakes in models that are planted together: unit tests put rows in the place of other models, so each sees
    its own. Macros are alone."""
    found: list[list[Mutation]] = []
    for m in mutations:
        alone = "/macros/" in m.file
        fits = (r for r in found if not alone and "/macros/" not in r[0].file and not {x.file for x in r} & {m.file})
        first = next(fits, None)
        if first is None:
            found.append([m])
        else:
            first.append(m)
    return found


def run(mutations: list[Mutation], project: Path, warehouse: Path | None) -> Outcome:
    """Each mistake with the test that is red, '' if none is."""
    found: Outcome = []
    for m in mutations:
        if m.tests != DBT:
            with planted(project, m):
                found.append((m, red_in_pytest(project, m.tests)))
            print(f"{found[-1][1] or 'SURVIVED':60.60}  {m.what}", flush=True)
    for together in rounds([m for m in mutations if m.tests == DBT]):
        assert warehouse is not None
        with planted(project, *together):
            red = red_in_dbt(project, warehouse, {model for m in together for model in m.models})
        for m in together:
            found.append((m, next((red[model] for model in m.models if model in red), "")))
            print(f"{found[-1][1] or 'SURVIVED':60.60}  {m.what}", flush=True)
    return sorted(found, key=lambda o: mutations.index(o[0]))


def table(outcome: Outcome) -> str:
    """The outcome as Markdown."""
    rows = [f"| {Path(m.file).name} | {m.what} | {red or '**survived**'} |" for m, red in outcome]
    return "\n".join(["| file | mistake | test |", "| --- | --- | --- |", *rows])


def share(outcome: Outcome) -> str:
    """How many were seen."""
    seen = sum(bool(red) for _, red in outcome)
    return f"{seen} of {len(outcome)} ({seen / max(1, len(outcome)):.0%})"


def page(of_list: Outcome, of_sample: Outcome, seed: int, seconds: float) -> str:
    """docs/mutations.md."""
    return f"""# Mutations

`make mutate` plants mistakes in a copy of the project, one at a time for each file, and runs the tests that should see
them: those of pytest that belong to a module, and dbt's unit tests of a model. It writes this page. The golden rows
and the oracle, which need a reviewed demo and see much of the rest, are not asked.

Last run: {seconds:.0f} seconds, seed {seed}.

## The list

Mistakes that somebody could make and that no test saw once (`tests/mutations/planted.yml`): {share(of_list)} seen.

{table(of_list)}

## A sample

Mistakes made by rule and drawn by lot (`tests/mutations/sampled.py`): {share(of_sample)} seen. One that survives says
that no unit test of that file sees it. It may be equivalent: a limit that no row can meet, an order among rows of
which only one is left.

{table(of_sample)}
"""


def main() -> int:
    """Plant, run, write. 1 if a mistake of the list survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("--models", type=int, default=40, help="mistakes drawn in models")
    parser.add_argument("--modules", type=int, default=12, help="mistakes drawn in Python modules")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    of_list, drawn = listed(), sample(arguments.models, arguments.modules, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder) / "project")
        (Path(folder) / "warehouse").mkdir()
        warehouse = empty_warehouse(Path(folder) / "warehouse")
        outcome = run([*of_list, *drawn], project, warehouse)
    first, second = outcome[: len(of_list)], outcome[len(of_list) :]
    PAGE.write_text(page(first, second, arguments.seed, time.monotonic() - started), encoding="utf-8")
    print(f"the list: {share(first)}; the sample: {share(second)}; written to {PAGE.relative_to(ROOT)}")
    return 0 if all(red for _, red in first) else 1


if __name__ == "__main__":
    sys.exit(main())
