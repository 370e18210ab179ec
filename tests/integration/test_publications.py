"""The record of what was published: chain, versions, packs, verify, replay. Tests change copies of the reviewed
demo.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.packs import raw_differences
from pipelines.publish.publications import broken_link, read_chain
from pipelines.run import ingestion
from pipelines.settings import Settings
from tests.conftest import Reviewed, selfaudit


def chain_of(data: Path):
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
        return read_chain(connection)


def test_every_partition_has_an_entry_that_covers_the_one_before_it(demo: Reviewed):
    chain = chain_of(demo.data)
    assert broken_link(chain) == ""
    assert {(e.version, e.reason) for e in chain} == {(1, "first version"), (2, "late rows")}
    assert {e.review_month for e in chain if e.output == "findings"} == {f"2026-{m:02d}" for m in range(5, 11)}


def test_an_entry_that_was_changed_or_taken_out_breaks_the_chain(demo: Reviewed):
    chain = chain_of(demo.data)
    richer = [type(e)(**{**e.__dict__, "rows": e.rows + 1}) if e.place == 7 else e for e in chain]
    assert "entry 7 " in broken_link(richer) and "changed" in broken_link(richer)
    assert "missing" in broken_link(chain[:3] + chain[4:])


def test_verify_finds_nothing_in_what_was_published(demo: Reviewed):
    done = selfaudit(demo.data, "verify")
    assert (done.exit_code, "everything is as it was published" in done.output) == (0, True), done.output
    pack = demo.data / "published" / "packs" / "2026-10.zip"
    assert selfaudit(demo.data, "verify", str(pack)).exit_code == 0


def test_one_flipped_byte_in_a_raw_file_is_found_and_the_file_named(copied: Path):
    raw = next(p for p in sorted((copied / "landing" / "2026-10").rglob("*.csv")) if p.stat().st_size > 1000)
    content = bytearray(raw.read_bytes())
    content[500] ^= 1
    raw.write_bytes(content)
    pack = copied / "published" / "packs" / "2026-10.zip"
    for arguments in (["verify"], ["verify", str(pack)]):
        done = selfaudit(copied, *arguments)
        assert done.exit_code == 1
        assert (
            f"raw file 2026-10/{raw.relative_to(copied / 'landing' / '2026-10')} has changed since it was loaded"
            in done.output
        )


def test_one_flipped_byte_in_a_pack_or_a_partition_is_found(copied: Path):
    partition = copied / "published" / "files" / "2026-10" / "findings.csv"
    content = bytearray(partition.read_bytes())
    content[1000] ^= 1
    partition.write_bytes(content)
    done = selfaudit(copied, "verify", str(copied / "published" / "packs" / "2026-10.zip"))
    assert done.exit_code == 1
    assert "findings/findings.csv in the pack and" in done.output and "differ from byte 1,000 on" in done.output
    assert "findings.csv differs from what was published" in selfaudit(copied, "verify").output


def test_one_flipped_byte_in_a_former_version_is_found(copied: Path):
    former = next((copied / "published" / "versions" / "findings").rglob("findings.csv"))
    content = bytearray(former.read_bytes())
    content[1000] ^= 1
    former.write_bytes(content)
    assert "publication_version=1/findings.csv differs from what was published" in selfaudit(copied, "verify").output


def test_what_is_no_pack_is_refused_in_words(demo: Reviewed, tmp_path: Path):
    file = tmp_path / "no.zip"
    file.write_text("no archive")
    done = selfaudit(demo.data, "verify", str(file))
    assert done.exit_code == 1 and "is not an evidence pack" in done.output and "Traceback" not in done.output
    assert "There is no file" in selfaudit(demo.data, "verify", str(tmp_path / "absent.zip")).output


def test_a_pack_holds_the_outputs_the_parameters_and_the_hash_of_every_raw_file(demo: Reviewed):
    with zipfile.ZipFile(demo.data / "published" / "packs" / "2026-09.zip") as archive:
        names = set(archive.namelist())
        assert {
            "manifest.json",
            "rule_parameters.csv",
            "findings/findings.parquet",
            "file_register/file_register.csv",
        } <= names
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_raw_file_that_is_gone_is_named(tmp_path: Path):
    assert raw_differences([["2026-10", "a.zip!b.csv", "x"], ["2026-10", "c.csv", "x"]], tmp_path, tmp_path) == [
        f"raw file 2026-10/c.csv is no longer in {tmp_path}"
    ]


@pytest.mark.thorough
def test_a_changed_price_makes_the_next_version_though_the_first_run_with_it_was_killed_after_reading(copied: Path):
    prices = copied / "landing" / "reference" / "prices.csv"
    lines = prices.read_text().splitlines()
    assert "2600" in prices.read_text()
    prices.write_text("\n".join(line.replace("2600", "2610") for line in lines) + "\n")
    # What a run that was killed after reading leaves behind: the files count as loaded, nothing was made of them.
    months = [f"2026-{m:02d}" for m in range(5, 11)]
    ingestion.ingest(Settings(data=copied), months)
    before = (copied / "published" / "files" / "2026-10" / "licence_position.csv").read_bytes()
    assert selfaudit(copied, "run").exit_code in (0, 3)
    latest = {(e.output, e.review_month): e for e in chain_of(copied)}
    entry = latest["licence_position", "2026-10"]
    assert (entry.version, entry.reason, entry.rows_added, entry.rows_removed) == (2, "changed reference", 0, 0)
    assert entry.rows_changed > 0
    assert latest["rejected_rows", "2026-10"].version == 1
    former = copied / "published" / "versions" / "licence_position" / "review_month=2026-10" / "publication_version=1"
    assert (former / "licence_position.csv").read_bytes() == before
    assert not (copied / "published" / "versions" / "rejected_rows").is_dir() or not list(
        (copied / "published" / "versions" / "rejected_rows").rglob("*.csv")
    )
    assert selfaudit(copied, "verify").exit_code == 0


def test_a_month_is_made_again_from_its_raw_files_to_the_same_bytes_without_the_warehouse(copied: Path):
    shutil.rmtree(copied / "warehouse")
    done = selfaudit(copied, "replay", "2026-05")
    assert (done.exit_code, "everything is as it was published" in done.output) == (0, True), done.output
    partition = copied / "published" / "files" / "2026-05" / "licence_position.csv"
    partition.write_bytes(partition.read_bytes() + b"x")
    assert "never published" in selfaudit(copied, "replay", "2020-01").output
