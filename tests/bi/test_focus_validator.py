"""The FinOps Foundation's own validator reads the FOCUS files of the demo, in an environment of its own (`make
focus-install`); where that is not there the tests skip and say so. No person is in a file meant for finance.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed

BIN = ROOT / ".venv-focus" / "bin"
# Ask for the opposite of each other (null and not null), on conditions that the validator does not read: one of them
# fails whatever stands there.
OF_THE_VALIDATOR = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}


def failures(parquet: Path) -> set[str]:
    """Ids of the rules of FOCUS 1.2 that a file fails."""
    # The validator reads its own tables relative to where it works.
    (packages,) = (BIN.parent / "lib").glob("python3.*/site-packages")
    command = [str(BIN / "focus-validator"), "--data-file", str(parquet), "--validate-version", "1.2"]
    done = subprocess.run(
        [*command, "--output-format", "text"], cwd=packages, capture_output=True, text=True, check=False
    )
    assert "PASS" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    return set(re.findall(r"^\S+ ([A-Za-z]+-[A-Z]-\d+-[A-Z]): FAIL", done.stdout, flags=re.M))


@pytest.mark.skipif(not (BIN / "focus-validator").exists(), reason="without .venv-focus (make focus-install)")
@pytest.mark.parametrize("month", [f"2026-{m:02d}" for m in range(5, 11)])
def test_the_official_validator_finds_nothing_but_what_is_its_own(demo: Reviewed, month: str):
    found = failures(demo.data / "published" / "focus" / f"review_month={month}" / "focus.parquet")
    assert found <= OF_THE_VALIDATOR
    assert len(found) == 1


def test_no_address_is_in_a_file_for_finance(demo: Reviewed):
    for month in ("2026-05", "2026-10"):
        text = (demo.data / "published" / "files" / month / "focus.csv").read_text(encoding="utf-8")
        assert len(text.splitlines()) > 50 and "@" not in text


def test_every_token_of_the_month_is_charged_to_a_pack_where_the_pool_has_one(demo: Reviewed):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        rows = con.execute(
            'select count(*), count("InvoiceId") from calendar.focus where "x_RowKind" = \'token_usage\''
        ).fetchall()
    assert rows[0][0] == rows[0][1] > 0
