"""Licence files, feature codes and recognition by content. All files are invented; no key or signature is real."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from pipelines.contracts.aliases import fold
from pipelines.flexnet.codes import read_code
from pipelines.flexnet.licence import parse_licence, read_licence
from pipelines.flexnet.text import is_debug_log, is_licence_file, is_status_text, read_date
from pipelines.settings import SEEDS

LICENCE = """# a comment
SERVER srv1 000000000001 27000
USE_SERVER
VENDOR adskflex port=2080
PACKAGE 11111ACD_T_F adskflex 1.000 COMPONENTS="22222ACD_2023_0F \\
\t33333ACD_2022_0F" \\
\tOPTIONS=SUITE SUPERSEDE ISSUED=17-Dec-2024 SIGN="0000 0000"
INCREMENT 11111ACD_T_F adskflex 1.000 15-feb-2027 5 \\
\tVENDOR_STRING=commercial:extendable SUPERSEDE DUP_GROUP=UH SUITE_DUP_GROUP=UHV \\
\tISSUED=17-Dec-2024 BORROW=4320 SN=111-11111111 SIGN="0000 0000" \\
\tSIGN2="0000"
INCREMENT PLIST adskflex 3.000 permanent 1 ISSUED=17-Dec-2024
FEATURE 44444CAM_2022_0F adskflex 1.000 1-jan-0 uncounted HOSTID=000000000001 ISSUED=1-Mar-2020 SN=222
"""


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_an_increment_gives_count_expiry_issue_serial_number_and_group() -> None:
    found = parse_licence(lines(LICENCE))
    package, increment, _, feature = found.rows
    assert (increment["feature"], increment["licences"], increment["expires_on"]) == (
        "11111ACD_T_F",
        5,
        date(2027, 2, 15),
    )
    assert (increment["issued_on"], increment["serial_number"]) == (date(2024, 12, 17), "111-11111111")
    assert (increment["dup_group"], increment["suite_dup_group"]) == ("UH", "UHV")
    assert increment["vendor_string"] == "commercial:extendable"
    assert (increment["server"], increment["line_number"]) == ("srv1", 8)
    assert package["kind"] == "PACKAGE"
    assert package["components"] == "22222ACD_2023_0F;33333ACD_2022_0F"
    assert (feature["is_uncounted"], feature["licences"], feature["expires_on"]) == (True, None, None)
    assert (found.read, found.unexplained, found.rejected) == (3, 0, [])
    assert [r["row_number"] for r in found.rows] == [None, 1, 2, 3]


def test_keys_and_signatures_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "any.lic"
    path.write_text(LICENCE.replace("0000 0000", "SECRET"))
    assert "SECRET" not in str(read_licence(path).rows)
    assert read_licence(path).frame().height == 4


def test_the_priority_list_is_no_licence() -> None:
    assert [r["feature"] for r in parse_licence(lines(LICENCE)).rows if r["is_priority_list"]] == ["PLIST"]


def test_a_later_issue_that_supersedes_voids_the_earlier_and_equal_dates_add() -> None:
    found = parse_licence(
        [
            "INCREMENT F d 1.000 permanent 3 ISSUED=1-jan-2020 SN=1\n",
            "INCREMENT F d 1.000 permanent 4 SUPERSEDE ISSUED=1-jan-2021 SN=2\n",
            "INCREMENT F d 1.000 permanent 5 SUPERSEDE=F ISSUED=1-jan-2021 SN=3\n",
            'INCREMENT G d 1.000 permanent 5 SUPERSEDE="G H" ISSUED=1-jan-2021 SN=4\n',
            "INCREMENT H d 1.000 permanent 6 ISSUED=1-jan-2019 SN=5\n",
            "INCREMENT H other 1.000 permanent 6 ISSUED=1-jan-2019 SN=5\n",
        ]
    )
    assert [r["is_superseded"] for r in found.rows] == [True, False, False, False, True, False]


def test_of_several_feature_lines_of_one_name_the_first_counts() -> None:
    found = parse_licence(["FEATURE F d 1.0 permanent 3 ABCDEF0123456789\n", "FEATURE F d 1.0 permanent 4 SN=2\n"])
    assert [r["is_superseded"] for r in found.rows] == [False, True]


def test_a_broken_row_is_rejected_with_its_column_and_counts_as_read() -> None:
    found = parse_licence(
        [
            "INCREMENT F d 1.000 31-feb-2026 3 SN=1\n",
            "INCREMENT F d 1.000 permanent many SN=1\n",
            "INCREMENT F d\n",
            "INCREMENT F d 1.000 permanent 3 ISSUED=someday\n",
            "INCREMENT F d 1.000 permanent 3\n",
            "hello world\n",
        ]
    )
    assert [(r.row_number, r.column_name) for r in found.rejected] == [
        (1, "expires_on"),
        (2, "licences"),
        (3, "licences"),
        (4, "issued_on"),
    ]
    assert (found.read, len(found.rows), found.unexplained) == (5, 1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("permanent", (None, True)),
        ("permanent(no expiration date)", (None, True)),
        ("1-jan-0", (None, True)),
        ("01-jan-0000", (None, True)),
        ("31-DEC-2027", (date(2027, 12, 31), False)),
        ("1-jan-99", (date(1999, 1, 1), False)),
    ],
)
def test_dates_are_read_as_the_daemon_writes_them(text: str, expected: tuple[date | None, bool]) -> None:
    assert read_date(text) == expected


def test_the_three_kinds_of_text_are_told_apart_by_content() -> None:
    log = ' 8:00:00 (lmgrd) TIMESTAMP 3/2/2026\n 8:00:01 (adskflex) OUT: "F" a@h1  \n'
    status = "lmutil - Copyright (c) 1989-2025\nFlexible License Manager status on Fri 9/18/2026 11:24\n"
    table = "email,offering_name\na@x.example,INCREMENT F d 1.000\n"
    kinds = [(is_debug_log(t), is_status_text(t), is_licence_file(t)) for t in (log, status, LICENCE, table, "")]
    assert kinds == [(True, False, False), (False, True, False), (False, False, True), (False,) * 3, (False,) * 3]


def test_a_log_that_begins_with_the_notice_of_its_start_is_recognised() -> None:
    assert is_debug_log(
        " 8:42:20 (lmgrd) -----\n 8:42:20 (lmgrd)   Please Note:\n 8:42:20 (lmgrd) SLOG: Summary LOG is enabled.\n"
    )
    assert not is_debug_log("8:42:20 (note) the kettle boils\n")


def test_a_code_says_whether_it_is_a_package_a_subscription_or_a_release() -> None:
    kinds = {
        c: read_code(c)
        for c in ("64300ACD_F", "662003DSMAX_T_F", "64400AMECH_PP_F", "86490ADSTPR_2015_1F", "41700INVNTOR_5_3F")
    }
    assert [k.kind for k in kinds.values()] == ["package", "term_package", "package", "component", "component"]
    assert [k.mnemonic for k in kinds.values()] == ["ACD", "3DSMAX", "AMECH_PP", "ADSTPR", "INVNTOR"]
    assert [k.release for k in kinds.values()] == [None, None, None, "2015", "5"]
    assert read_code("MATLAB").kind == "other"


def test_every_row_of_the_table_fits_the_grammar_and_is_folded() -> None:
    with (SEEDS / "feature_codes.csv").open(encoding="utf-8", newline="") as handle:
        known = list(csv.DictReader(handle))
    assert len(known) > 1100
    for row in known:
        code = read_code(row["feature_code"])
        assert (code.kind, code.release or "") == (row["kind"], row["release"]), row
        assert row["product"] == fold(row["product"])
        assert row["name"]
        assert row["source"]
