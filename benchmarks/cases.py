"""The commands that are measured: the product on a data folder, the limit of reading the same files, the peers.

Holds what is run, not how it is measured. A peer is a module with `main(landing, out)` as a program, which leaves
`published.duckdb` with a table `findings` in `out`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.measure import COMMAND

FEW = 50
# What a run makes; a measured run begins without it.
MADE = ("warehouse", "published", "state", "peers")

LIMIT = """
import duckdb, sys
from pathlib import Path
con = duckdb.connect(config={"memory_limit": "1400MB"})
for path in sorted(Path(sys.argv[1]).rglob("*.csv")):
    out = Path(sys.argv[2]) / path.parent.name; out.mkdir(parents=True, exist_ok=True)
    con.execute(f"select count(*) from read_csv('{path}', all_varchar=true, header=true)").fetchall()
    rows = f"read_csv('{path}', all_varchar=true, header=true)"
    con.execute(f"copy (select * from {rows}) to '{out / path.stem}.parquet' (format parquet)")
"""
INGEST = """
import sys
from pathlib import Path
from pipelines.run import ingestion
from pipelines.quality import gx_worker
from pipelines.settings import Settings
gx_worker.start()
ingestion.ingest(Settings(data=Path(sys.argv[1])), sys.argv[2:])
"""
# What a run loads before it works: Python, dbt with the parsed project, Great Expectations in the process beside.
START = """
import sys
from pathlib import Path
from pipelines.quality import gx_worker
from pipelines.settings import Settings
from pipelines.run.dbt_call import begin_loading, wait_until_loaded
gx_worker.start()
begin_loading(Settings(data=Path(sys.argv[1])))
wait_until_loaded()
gx_worker.running().wait_until_loaded()
"""


def limit(data: Path) -> list[str]:
    """Limit (c): DuckDB reads every CSV file once as text and writes Parquet."""
    return [sys.executable, "-c", LIMIT, str(data / "landing"), str(data / "peers" / "limit")]


def ingestion(data: Path, drops: list[str]) -> list[str]:
    """Ingestion of the drops alone."""
    return [sys.executable, "-c", INGEST, str(data), *drops]


def start_up(data: Path) -> list[str]:
    """Start-up alone."""
    return [sys.executable, "-c", START, str(data)]


def review(data: Path, drops: list[str]) -> list[str]:
    """The product: `run` of one month, `backfill` of several."""
    if len(drops) == 1:
        return [COMMAND, "--data", str(data), "run", drops[0]]
    return [COMMAND, "--data", str(data), "backfill", f"{drops[0]}..{drops[-1]}"]


def peer(name: str, data: Path, workbooks: bool = False) -> list[str]:
    """A peer on all drops. name: of a package in benchmarks/peers."""
    out = data / "peers" / name
    command = [sys.executable, "-m", f"benchmarks.peers.{name}.run", str(data / "landing"), str(out)]
    return [*command, "--workbooks"] if workbooks else command


def publication(name: str, data: Path) -> Path:
    """What a peer has made of a data folder."""
    return data / "peers" / name / "published.duckdb"


def empty(data: Path, but: str = "") -> None:
    """Remove what runs made of a data folder, so that the next begins anew. but: one of MADE that stays."""
    for name in MADE:
        if name != but:
            shutil.rmtree(data / name, ignore_errors=True)
