"""The published file in clients as old as it promises to serve, on the command line, through a swap; Parquet and CSV
beside it say the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.measures import measures
from tests.conftest import ROOT, Reviewed

CLIENTS = ROOT / ".venv-clients" / "bin"
needs_clients = pytest.mark.skipif(
    not (CLIENTS / "python").exists(), reason="the older clients are not installed here; `make bi-install` does it"
)
MONTH = "2026-10"
# Every measure of a month where it may be asked, as text, so that clients need not agree on types; wide sums as
# decimals for the same reason.
QUESTIONS = [
    f"select '{m.name}' as measure, cast(round(cast({m.expression} as decimal(38, 6)), 4) as varchar) as value from "
    f"{m.relation} "
    f"where review_month = '{MONTH}'"
    for m in measures()
]
ALL_MEASURES = " union all ".join(QUESTIONS) + " order by measure"
JOINED = (
    "select o.offering_name, p.legal_entity, count(*) as seats from marts.fct_assignment_monthly as f "
    "left join marts.dim_offering as o on o.review_month = f.review_month and o.offering_key = f.offering_key "
    "left join marts.dim_person as p on p.review_month = f.review_month and p.person_key = f.person_key "
    f"where f.review_month = '{MONTH}' group by all order by all"
)
ASK = """
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(json.dumps([duckdb.__version__, *[connection.execute(q).fetchall() for q in sys.argv[2:]]]))
"""
HOLD = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    print(connection.execute("select v from t").fetchall()[0][0], flush=True)
"""


@pytest.fixture(scope="module")
def published(demo: Reviewed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def as_lists(rows: list[tuple]) -> list[list]:
    return [list(row) for row in rows]


@needs_clients
def test_the_oldest_client_promised_reads_every_measure_and_the_joins(demo: Reviewed, published):
    done = subprocess.run(
        [str(CLIENTS / "python"), "-c", ASK, str(demo.published), ALL_MEASURES, JOINED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, values, joined = json.loads(done.stdout)
    assert version == "1.2.0"
    assert values == as_lists(published.execute(ALL_MEASURES).fetchall())
    assert len(values) == len(measures()) and sum(v is not None for _, v in values) > len(values) / 2
    assert joined == as_lists(published.execute(JOINED).fetchall())


@needs_clients
def test_the_command_line_reads_every_measure(demo: Reviewed, published):
    done = subprocess.run(
        [str(CLIENTS / "duckdb"), "-readonly", "-json", str(demo.published), ALL_MEASURES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = [[row["measure"], row["value"]] for row in json.loads(done.stdout)]
    assert shown == as_lists(published.execute(ALL_MEASURES).fetchall())


@needs_clients
def test_a_client_that_has_the_file_open_keeps_it_through_a_swap_and_the_next_one_sees_the_new(tmp_path: Path):
    def make(path: Path, value: int) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{path}' as made (storage_version 'v1.2.0')")
            connection.execute(f"create table made.t as select {value} as v")

    file, beside = tmp_path / "selfaudit.duckdb", tmp_path / "part.duckdb"
    make(file, 1)
    command = [str(CLIENTS / "python"), "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as old:
        assert ask(old) == "1"
        make(beside, 2)
        beside.replace(file)
        assert ask(old) == "1"
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as later:
            assert ask(later) == "2"
        assert ask(old) == "1"


def ask(client: subprocess.Popen[str]) -> str:
    assert client.stdin and client.stdout
    client.stdin.write("\n")
    client.stdin.flush()
    return client.stdout.readline().strip()


@pytest.mark.parametrize("output", ["licence_position", "findings", "token_forecast", "ghost_ledger"])
def test_parquet_and_csv_beside_the_file_say_the_same(demo: Reviewed, published, output: str):
    folder = demo.data / "published" / output
    parquet = f"read_parquet('{folder}/*/{output}.parquet', hive_partitioning = true, hive_types_autocast = false)"
    columns = [
        c for (c,) in published.execute("select name from pragma_table_info(?)", [f"calendar.{output}"]).fetchall()
    ]
    listed = ", ".join(f'"{c}"' for c in columns)
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {listed} from {parquet} order by all").fetchall()
        (count,) = connection.execute(
            f"select count(*) from read_csv('{folder.parent}/files/*/{output}.csv', header = true, all_varchar = true)"
        ).fetchall()[0]
    assert rows == published.execute(f"select {listed} from calendar.{output} order by all").fetchall()
    assert count == len(rows)


@needs_clients
def test_the_file_needs_no_more_than_its_storage_version_says(demo: Reviewed, tmp_path: Path):
    """A file of the version after it is refused by the same client, so the tests above could fail."""
    newer = tmp_path / "newer.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{newer}' as made (storage_version 'v1.4.0')")
        connection.execute("create table made.t as select 1 as v")
    shutil.copy(demo.published, tmp_path / "copy.duckdb")
    for file, code in ((newer, 1), (tmp_path / "copy.duckdb", 0)):
        done = subprocess.run(
            [str(CLIENTS / "python"), "-c", ASK, str(file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
