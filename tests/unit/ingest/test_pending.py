"""What waits for a publication: noted with the drop, forgotten when every month it touches was published."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.ingest.landing.files import scan
from pipelines.ingest.landing.fingerprints import (
    batches_started,
    changed_drops,
    fingerprint_of,
    forget_batches,
    forget_pending,
    remember_batches,
    remember_pending,
    settled_months,
)
from pipelines.ingest.write.schema import ensure_schema


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        ensure_schema(connection)
        yield connection


def waiting(con) -> list[tuple[str, bool]]:
    return con.execute("select drop, touches_later from raw.pending_drop order by all").fetchall()


def test_a_changed_drop_waits_until_the_months_after_it_and_the_two_before_it_are_published_too(con):
    remember_pending(con, ["2026-08"], touches_later=True)
    remember_pending(con, ["2026-08"], touches_later=True)
    forget_pending(con, ["2026-08", "2026-09"], ["2026-05", "2026-07", "2026-08", "2026-09"])
    assert waiting(con) == [("2026-08", True)]
    forget_pending(con, ["2026-07", "2026-08", "2026-09"], ["2026-05", "2026-07", "2026-08", "2026-09"])
    assert waiting(con) == []


def test_a_month_that_is_made_again_waits_for_itself_only(con):
    remember_pending(con, ["2026-08"], touches_later=False)
    forget_pending(con, ["2026-08"], ["2026-08", "2026-09"])
    assert waiting(con) == []


def test_a_changed_reference_table_waits_for_every_month(con):
    remember_pending(con, ["reference"], touches_later=True)
    forget_pending(con, ["2026-09"], ["2026-08", "2026-09"])
    assert waiting(con) == [("reference", True)]
    forget_pending(con, ["2026-08", "2026-09"], ["2026-08", "2026-09"])
    assert waiting(con) == []


def test_what_waits_counts_as_changed_though_its_files_are_loaded(con, tmp_path):
    (tmp_path / "2026-08").mkdir()
    (tmp_path / "reference").mkdir()
    for drop in changed_drops(con, tmp_path):
        con.execute("insert into raw.drop_fingerprint values (?, ?)", [drop, fingerprint_of(*scan(tmp_path / drop))])
    assert changed_drops(con, tmp_path) == []
    remember_pending(con, ["2026-08"], touches_later=True)
    assert changed_drops(con, tmp_path) == ["2026-08"]


def test_months_published_while_others_wait_for_the_same_drop_are_remembered_until_the_last_is(con):
    made = ["2026-06", "2026-07", "2026-08", "2026-09"]
    remember_pending(con, ["2026-08"], touches_later=True)
    forget_pending(con, ["2026-06", "2026-07"], made)
    assert settled_months(con) == {"2026-08": {"2026-06", "2026-07"}}
    forget_pending(con, [], made)
    forget_pending(con, ["2026-08", "2026-09"], made)
    assert (waiting(con), settled_months(con)) == ([], {})


def test_a_drop_that_is_read_again_is_published_with_no_month_yet(con):
    remember_pending(con, ["2026-08"], touches_later=True)
    forget_pending(con, ["2026-06"], ["2026-06", "2026-08"])
    remember_pending(con, ["2026-08"], touches_later=True)
    assert settled_months(con) == {}


def test_a_run_in_batches_is_forgotten_with_its_last_month(con):
    remember_batches(con, ["2026-06", "2026-07"])
    forget_batches(con, ["2026-06"])
    assert batches_started(con) == {"2026-06": True, "2026-07": False}
    forget_batches(con, ["2026-07"])
    assert batches_started(con) == {}
