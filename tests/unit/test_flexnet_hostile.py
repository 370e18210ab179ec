"""Texts of a licence server that are made to hurt: numbers that are none, lines that supersede each other, lines built
against the patterns that read them. Those that once took minutes are long enough for that.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.flexnet.debuglog import DebugLog
from pipelines.flexnet.licence import ROWS, parse_licence
from pipelines.flexnet.lines import first_server
from pipelines.flexnet.status import parse_status
from pipelines.flexnet.text import is_debug_log, is_licence_file, is_licence_list, is_status_text
from tests.unit.test_flexnet_status import FEATURE, HEAD

TOO_MANY = "9" * 20
COUNTS = st.one_of(
    st.from_regex(r"[0-9]{1,40}", fullmatch=True),
    st.text(st.characters(categories=["Nd", "No", "Nl"]), min_size=1, max_size=20),
    st.sampled_from(["uncounted", "-1", "1e5", "0x10", "1_000", "9" * 5_000]),
)


def increment(feature: str, count: str, issued: str, supersedes: str | None = None) -> str:
    names = "" if supersedes is None else f' SUPERSEDE="{supersedes}"'
    return f"INCREMENT {feature} adskflex 1.000 permanent {count} ISSUED={issued}{names}\n"


@given(COUNTS)
@settings(max_examples=200, deadline=None)
def test_a_count_of_a_licence_line_is_a_number_that_can_be_kept_or_its_row_is_rejected(count: str) -> None:
    found = parse_licence([increment("11111ACD_F", count, "1-jan-2026")])
    assert found.read == 1 == len(found.rows) + len(found.rejected)
    found.frame()
    for row in found.rows:
        assert row["is_uncounted"] or 0 < row["licences"] < 10**15
    for bad in found.rejected:
        assert bad.column_name == "licences"


@given(st.from_regex(r"\d{1,25}", fullmatch=True), st.from_regex(r"\d{1,25}", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_numbers_of_a_status_text_are_kept_or_told(issued: str, used: str) -> None:
    feature = FEATURE.replace("of 5 licenses", f"of {issued} licenses").replace("of 2 licenses", f"of {used} licenses")
    user = f"    anna PC-1 PC-1 (v1.000) (SRV1/27000 101), start Fri 9/18 11:23, {used} licenses\n"
    found = parse_status(
        (HEAD + feature + f"    {issued} RESERVATIONs for USER x (SRV1/27000)\n" + user).splitlines(True)
    )
    found.frame()
    (row,) = (r for r in found.rows if r["kind"] == "feature")
    assert (row["issued"] is None or row["in_use"] is None) == bool(row["message"])
    assert found.read == 1 == sum(r["kind"] == "user" for r in found.rows) + len(found.rejected)


def test_a_number_of_licences_in_a_log_that_cannot_be_kept_rejects_its_row_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "log"
    head = " 8:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1) started on srv1 (IBM PC) (3/2/2026)\n"
    path.write_text(
        head
        + f' 8:00:05 (adskflex) OUT: "64300ACD_F" anna@h1  ({TOO_MANY} licenses)\n'
        + ' 8:00:06 (adskflex) OUT: "64300ACD_F" bert@h1  (3 licenses)\n 8:00:07 (adskflex) OUT: "64300ACD_F" cleo@h1\n'
    )
    log = DebugLog(path)
    (batch,) = log.read()
    assert batch.events.filter(batch.events["operation"] == "OUT")["licences"].to_list() == [3, 1]
    assert batch.rejected["column_name"].to_list() == ["licences"]
    assert log.summary.rows == 3


def by_definition(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Whether another row names this feature and was issued later, looked at row by row."""
    return any(
        other["kind"] in ROWS
        and row["feature"] in (other["supersedes"] or "").split(";")
        and other["daemon"] == row["daemon"]
        and other["issued_on"] > row["issued_on"]
        for other in rows
    )


LINES = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.integers(1, 4),
        st.none() | st.lists(st.sampled_from("ABC"), max_size=3).map(" ".join),
    ),
    max_size=8,
)


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_a_row_is_superseded_where_a_later_one_names_it(lines: list[tuple[str, int, str | None]]) -> None:
    found = parse_licence([increment(f, "5", f"{day}-jan-2026", names) for f, day, names in lines])
    assert [r["is_superseded"] for r in found.rows] == [by_definition(r, found.rows) for r in found.rows]
    assert all(r["issued_on"] >= date(2026, 1, 1) for r in found.rows)


def test_twenty_thousand_rows_that_supersede_each_other_are_read() -> None:
    found = parse_licence([increment("A", "5", f"{i % 28 + 1}-jan-2026", "A") for i in range(20_000)])
    assert sum(not r["is_superseded"] for r in found.rows) == 20_000 // 28


# Each against one pattern: every place where it may begin sees the whole rest of the line.
AGAINST_PATTERNS = [
    "0:00:00 (lmgrd) " + "(" * 60_000,
    "0:00:00 (lmgrd) " + ") (a" * 15_000,
    "Users of a" + ": (" * 100_000,
    '"' + '" v' * 100_000,
    "0:00:00 (a" + ") " * 500_000 + "started on ",
    "0:00:00 (lmgrd) TIMESTAMP " + ": Mon Jan 1 1:11:11 " * 50_000,
    "0:00:00 (a) (@x-SLOG@) Time: " + ": Mon Jan 1 1:11:11 " * 50_000,
    "INCREMENT a b 1.0 permanent 5 " + "a=" * 100_000,
    "INCREMENT a b 1.0 permanent 5 " + '"a' * 100_001,
]


@pytest.mark.parametrize("line", AGAINST_PATTERNS, ids=range(len(AGAINST_PATTERNS)))
def test_a_line_built_against_a_pattern_is_read_or_passed_over(line: str, tmp_path: Path) -> None:
    for fits in (is_debug_log, is_status_text, is_licence_file, is_licence_list):
        fits(f"{line}\n"[: 1 << 16])
    parse_status((HEAD + FEATURE + line + "\n").splitlines(True))
    parse_licence([line + "\n"])
    path = tmp_path / "log"
    path.write_text(f"0:00:00 (lmgrd) FlexNet Licensing x\n{line}\n0:00:01 (lmgrd) y\n")
    assert first_server(path) is None
    log = DebugLog(path)
    assert sum(batch.events.height + batch.rejected.height for batch in log.read()) <= 2
    assert log.summary.lines == 3
