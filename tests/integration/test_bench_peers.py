"""The peers of the benchmarks: programs written apart from each other find the same on the bench estate. Against the
product: `python -m benchmarks matrix --compare`.
"""

from importlib import import_module

import duckdb
import pytest

from benchmarks.compare import compare
from benchmarks.estate import write_estate
from benchmarks.peers.handwritten import run as handwritten

# More than 251 persons: each of the odd ones is there once.
PERSONS, ROWS, MONTHS = 270, 8_000, 3


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "landing"
    write_estate(folder, PERSONS, ROWS, ROWS, MONTHS, repeat=1)
    return folder


@pytest.fixture(scope="module")
def by_hand(landing, tmp_path_factory):
    """The publication of the hand-written script, with its findings where the product has them."""
    out = tmp_path_factory.mktemp("handwritten")
    handwritten.main(landing, out)
    with duckdb.connect(str(out / "published.duckdb")) as con:
        con.execute("create schema calendar; create table calendar.findings as from findings")
    return out / "published.duckdb"


def test_the_same_numbers_give_the_same_bytes(landing, tmp_path):
    write_estate(tmp_path, PERSONS, ROWS, ROWS, MONTHS, repeat=1)
    files = sorted(p.relative_to(landing) for p in landing.rglob("*.csv"))
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.csv"))
    assert [f for f in files if (landing / f).read_bytes() != (tmp_path / f).read_bytes()] == []


def test_a_drop_tells_the_month_before_again(landing):
    told = (landing / "2026-10" / "telemetry.csv").read_text().splitlines()
    before = set((landing / "2026-09" / "telemetry.csv").read_text().splitlines())
    assert {line[1:7] for line in told[1:]} == {"202609", "202610"}
    assert 0 < len([line for line in told if line[1:7] == "202609" and line not in before]) < 20


@pytest.mark.parametrize("name", ["polars", "pandas"])
def test_peers_written_apart_find_the_same(name, landing, by_hand, tmp_path):
    peer = import_module(f"benchmarks.peers.{name}.run")
    peer.main(landing, tmp_path)
    found = compare(by_hand, tmp_path / "published.duckdb", peer.RULES)
    assert found.lines == []
    assert (found.differences, found.months) == (0, MONTHS)
    assert found.findings > 150


def test_a_finding_that_differs_or_is_missing_is_counted(by_hand, tmp_path):
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as con:
        con.execute(f"attach '{by_hand}' as peer (read_only); create table findings as from peer.findings")
        con.execute(
            "delete from findings where rule_id = 'FLX-04' and review_month = '2026-09' and team_alias = 'Team A'"
        )
        con.execute("update findings set observed = observed + 1 where rule_id = 'USE-02' and review_month = '2026-10'")
    found = compare(by_hand, other, handwritten.RULES)
    assert [line.split(",")[0] for line in found.lines] == ["FLX-04 only selfaudit: 1", "USE-02 observed: 1"]
