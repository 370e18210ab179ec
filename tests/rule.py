"""`python -m tests.rule RULE [--data DATA]`: the unit tests of one rule, and what it finds in a reviewed demo with the
model as it is now, against what is published.

Works on a copy of the warehouse of DATA; the demo is made there if there is none. For whoever writes a rule: seconds
instead of a run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tests.conftest import as_installed
from tests.dbt.project import PROJECT, WAREHOUSE, at_once

COLUMNS = (
    "review_month, team_alias, offering_key, person_key, scope, observed, threshold, excess, severity, confidence, "
    "detail"
)
SHOWN = 20


def model_of(rule: str) -> str:
    """The name of the model of a rule, given as USE-01 or as its model is named. Raises SystemExit with those there
    are."""
    models = sorted(p.stem for p in (PROJECT / "models" / "rules").rglob("*.sql"))
    wanted = rule.lower().replace("-", "_")
    found = [m for m in models if m == wanted or m.startswith(f"{wanted}_")]
    if len(found) != 1:
        sys.exit(f"There is no rule {rule!r}. Rules: {', '.join(m[:6].upper().replace('_', '-') for m in models)}")
    return found[0]


def differences(con: duckdb.DuckDBPyConnection, model: str) -> dict[str, list[tuple[object, ...]]]:
    """Rows of the published months that the model has and the publication has not, and the other way round."""
    con.execute(f"create or replace temp table now as select {COLUMNS} from rules.{model}")
    con.execute(
        f"create or replace temp table then_ as select {COLUMNS} from calendar.findings where rule_id = ?",
        [model[:6].upper().replace("_", "-")],
    )
    return {
        "only now": con.execute("from now except all from then_ order by all").fetchall(),
        "only published": con.execute("from then_ except all from now order by all").fetchall(),
    }


def main() -> int:
    """Test, make, compare, print. 1 if dbt failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.rule", description=__doc__)
    parser.add_argument("rule", help="for example USE-01")
    parser.add_argument("--data", type=Path, default=Path("data"), help="a data folder of `selfaudit demo`")
    arguments = parser.parse_args()
    model, started = model_of(arguments.rule), time.monotonic()
    warehouse = arguments.data / "warehouse" / WAREHOUSE
    if not warehouse.is_file():
        print(f"there is no demo in {arguments.data} yet; making it, once", flush=True)
        as_installed(arguments.data, "demo")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(warehouse, folder))
        if at_once(Path(folder), "--quiet", "build", "--select", model, "--exclude-resource-type", "test", "seed"):
            return 1
        with duckdb.connect(str(copy), read_only=False) as con:
            latest = f"(select max(review_month) from rules.{model})"
            print(
                con.sql(f"select {COLUMNS} from rules.{model} where review_month = {latest} order by all limit {SHOWN}")
            )
            for what, found in differences(con, model).items():
                print(f"{what}: {len(found)} findings")
                for row in found[:SHOWN]:
                    print("   ", *("" if value is None else value for value in row), sep=" | ")
    print(f"{time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
