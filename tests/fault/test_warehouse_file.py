"""A warehouse that cannot be opened, or was made by another version: what to do is said, and doing it loses nothing."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import duckdb
import pytest

from tests.conftest import selfaudit
from tests.fault.surroundings import Estate, refused


def chain(data: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
        return con.execute("select place, entry_hash from calendar.publications order by place").fetchall()


@pytest.fixture
def data(estate: Estate, tmp_path: Path) -> Path:
    return estate.copy(tmp_path / "data")


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 4096)


def torn(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096:40960] = b"\xff" * (40960 - 4096)
    path.write_bytes(bytes(whole))


def checksum(block: bytearray) -> bytes:
    """DuckDB's checksum of a block without a remainder."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", bytes(block)):
        found ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return struct.pack("<Q", found)


def of_a_newer_duckdb(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    # The first block: its checksum, "DUCK", then the storage version as a number of eight bytes.
    assert whole[8:12] == b"DUCK" and whole[:8] == checksum(whole[8:4096])
    whole[12:20] = struct.pack("<Q", 9999)
    whole[:8] = checksum(whole[8:4096])
    path.write_bytes(bytes(whole))


@pytest.mark.parametrize(
    ("harm", "word"), [(garbage, "damaged"), (torn, "damaged"), (of_a_newer_duckdb, "newer DuckDB")]
)
def test_a_warehouse_that_cannot_be_opened_says_so_and_nothing_is_touched(estate: Estate, data: Path, harm, word: str):
    path = data / "warehouse" / "selfaudit.duckdb"
    harm(path)
    refused(selfaudit(data, "run"), str(path), word, "ove", "previous publication is unchanged")
    assert estate.stands(data)


@pytest.mark.thorough
def test_after_the_damaged_file_is_moved_away_the_record_goes_on(estate: Estate, data: Path):
    before = chain(data)
    path = data / "warehouse" / "selfaudit.duckdb"
    garbage(path)
    refused(selfaudit(data, "run"), "Move it away")
    shutil.move(path, data / "damaged")
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)
    after = chain(data)
    assert after[: len(before)] == before and len(after) > len(before)


@pytest.mark.thorough
def test_tables_of_an_older_version_get_their_columns_and_every_drop_is_read_again(estate: Estate, data: Path):
    before = chain(data)
    with duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb")) as con:
        con.execute("alter table raw.usage_report drop column version")
        con.execute("alter table raw.lrt drop column country")
        con.execute("alter table raw.file_register drop column extra_columns")
        con.execute("alter table raw.subscriptions alter column seat_quantity type varchar")
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    assert estate.is_right(data)
    assert chain(data)[: len(before)] == before


def test_a_column_whose_values_do_not_fit_says_what_to_do(estate: Estate, data: Path):
    with duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb")) as con:
        con.execute("alter table raw.subscriptions alter column seat_quantity type varchar")
        con.execute("update raw.subscriptions set seat_quantity = 'ten'")
    refused(selfaudit(data, "run"), "raw.subscriptions.seat_quantity", "Move the warehouse folder away")
    assert estate.stands(data)


def test_months_that_were_emptied_outside_a_run_are_found_by_verify_and_put_back_by_the_next_run(data: Path):
    with duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb")) as con:
        (first,) = con.execute("select min(review_month) from calendar.licence_position").fetchall()[0]
        rows = con.execute(
            "select * from calendar.licence_position where review_month = ? order by all", [first]
        ).fetchall()
        con.execute("delete from calendar.licence_position where review_month = ?", [first])
    found = selfaudit(data, "verify")
    assert found.exit_code == 1 and f"warehouse: licence_position of {first} has 0 rows" in found.output
    (data / "landing" / "reference" / "prices.csv").touch()
    done = selfaudit(data, "run", max_month(data))
    assert done.exit_code in (0, 3)
    assert "Changed outside a run" in done.output and f"licence_position of {first} has 0 rows" in done.output
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
        now = con.execute(
            "select * from calendar.licence_position where review_month = ? order by all", [first]
        ).fetchall()
    assert len(now) == len(rows) > 0
    assert selfaudit(data, "verify").exit_code == 0


def max_month(data: Path) -> str:
    return max(p.name for p in (data / "landing").iterdir() if p.name[:2] == "20")
