"""Licence servers, perpetual licences and devices from files to findings, by the command itself. All names are invented
but the university's log.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import ROOT, selfaudit

PUBLIC = ROOT.parent / "shared" / "samples" / "flexnet" / "adskflex_debug_2022_university_63days.log"
START = "(lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC)"
# Before the month: four are open. A month later anna and bert are still out; the restart of the 12th checks everything
# in.
SEPTEMBER = (
    f" 8:00:00 {START} (9/29/2026)\n"
    ' 8:00:01 (adskflex) OUT: "64300ACD_F" anna@h1  \n 8:00:02 (adskflex) OUT: "64300ACD_F" bert@h1  \n'
    ' 8:00:03 (adskflex) OUT: "99999NEW_F" anna@h1  \n'
)
OVERLAP = (
    '20:00:00 (adskflex) TIMESTAMP 9/30/2026\n20:00:01 (adskflex) OUT: "64300ACD_F" carl@h2  \n'
    '20:00:01 (adskflex) OUT: "64300ACD_F" carl@h2  \n'
)
OCTOBER = (
    " 8:59:00 (adskflex) TIMESTAMP 10/10/2026\n"
    ' 9:00:00 (adskflex) OUT: "64300ACD_F" dora@h3  \n 9:00:01 (adskflex) OUT: "64300ACD_F" DORA@H3  \n'
    + "".join(
        f' 9:0{n}:30 (adskflex) DENIED: "64900CIV3D_F" emil@h4  (Licensed number of users already reached. (-4,342))\n'
        for n in range(5)
    )
    + f" 9:30:00 {START} (10/12/2026)\n"
    + ' 9:31:00 (adskflex) OUT: "64300ACD_F" anna@h1  \n 9:32:00 (adskflex) OUT: "99999NEW_F" anna@h1  \n'
)
LICENCE = (
    "SERVER srv1 001122334455\nUSE_SERVER\nVENDOR adskflex port=2080\n"
    'PACKAGE 64300ACD_F adskflex 1.000 COMPONENTS=87545ACD_2022_0F OPTIONS=SUITE SIGN="0"\n'
    'INCREMENT 64300ACD_F adskflex 1.000 permanent 3 DUP_GROUP=UH ISSUED=01-jan-2020 SIGN="0"\n'
    'INCREMENT 64900CIV3D_F adskflex 1.000 permanent 9 DUP_GROUP=UH SIGN="0"\n'
)
# In the morning of the tenth: the four of the log, carl and dora with one line each, and zoe, of whom the log knows
# nothing.
STATUS = (
    "Flexible License Manager status on Sat 10/10/2026 9:01\n\nLicense server status: 2080@srv1.firm.example\n"
    "srv1.firm.example: license server UP (MASTER) v11.18.0\nVendor daemon status (on srv1):\n  adskflex: UP "
    "v11.18.0\nFeature usage info:\n\n"
    "Users of 64300ACD_F:  (Total of 4 licenses issued;  Total of 5 licenses in use)\n\n"
    '  "64300ACD_F" v1.000, vendor: adskflex, expiry: 9-oct-2026\n  floating license\n\n'
    + "".join(
        f"    {user} {host} {host} (v1.0) (srv1.firm.example/2080 {number}), start {start}\n"
        for number, (user, host, start) in enumerate(
            [
                ("anna", "h1", "Tue 9/29 8:00"),
                ("bert", "h1", "Tue 9/29 8:00"),
                ("carl", "h2", "Wed 9/30 20:00"),
                ("dora", "h3", "Sat 10/10 9:00"),
            ],
            1,
        )
    )
    + "    zoe h9 h9 (v1.0) (srv1.firm.example/2080 9), start Mon 9/21 8:00  (linger: 600 / 1209600)\n"
)
PERPETUAL = (
    "serial_number,offering_name,version,seats,licence_kind\n1,Maya,2020,1,standalone\n2,AutoCAD,2019,1,network\n"
)


def inventory() -> bytes:
    lines = ["ResourceID|DisplayName0|Version0|Publisher0|TimeStamp"]
    entries = [
        "AutoCAD 2019", "AutoCAD 2019 Language Pack - "
                        "English", "AutoCAD 2019 - English", "ACAD Private (2019)", "ACA & MEP 2019 Object Enabler"
    ]  # fmt: skip
    lines += [f"1|{name}|23.0.46.0|Autodesk|2026-10-01 08:00:00" for name in entries]
    lines += [f"{n}|Autodesk Maya 2020|20.0|Autodesk|2026-10-01 08:00:00" for n in (2, 3)]
    lines += ["4|Autodesk Maya 2024|24.0|Autodesk|2026-10-01 08:00:00"]
    return "\n".join(lines).encode("utf-16")


def rows(data: Path, query: str, *values: Any) -> list[tuple]:
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
        return con.execute(query, list(values)).fetchall()


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("network") / "data"
    for drop in ("2026-09", "2026-10"):
        (data / "landing" / drop / "nlm").mkdir(parents=True)
        users = "email,role,offering_name,team_alias\na@firm.example,User,Revit,T\n"
        (data / "landing" / drop / "users.csv").write_text(users)
    (data / "landing" / "2026-09" / "nlm" / "debug.log").write_text(SEPTEMBER + OVERLAP)
    october = data / "landing" / "2026-10"
    # The rotated log begins in the middle, without the server's name.
    (october / "nlm" / "debug.log.gz").write_bytes(gzip.compress((OVERLAP + OCTOBER).encode()))
    (october / "nlm" / "adskflex.lic").write_text(LICENCE)
    (october / "nlm" / "lmstat.txt").write_text(STATUS)
    (october / "perpetual.csv").write_text(PERPETUAL)
    (october / "sccm.csv").write_bytes(inventory())
    product = {"feature_id": "MAYA", "def_prod_key": "657P1", "def_prod_ver": "2020.1.0.F", "licence_class": "x"}
    (october / "PC-9.json").write_text(json.dumps([product]))
    done = selfaudit(data, "run")
    assert done.exit_code == 3, done.output
    return data


def test_a_peak_counts_what_was_open_before_and_overlapping_lines_once(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select review_month, offering_key, scope, observed, threshold from calendar.compliance_gap_register "
        "where rule_id = 'ENT-10' order by all",
    )
    # October: anna, bert, carl and dora once each, three issued; in September no licence file says what is issued.
    assert found == [
        ("2026-10", "autocad", "64300acd_f", 4.0, 3.0),
        ("2026-10", "civil_3d", "64900civ3d_f", 5.0, 5.0),
    ]


def test_handles_pairs_and_codes_without_an_alias_are_published(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select feature_code, offering_key, is_mapped, counted_by, peak, peak_handles, issued from "
        "marts.fct_network_licence_monthly "
        "where review_month = '2026-10' order by 1",
    )
    assert found == [
        ("64300ACD_F", "autocad", True, "pairs", 4, 6, 3),
        ("64900CIV3D_F", "civil_3d", True, "pairs", 0, 0, 9),
        ("99999NEW_F", None, False, "handles", 1, 1, None),
    ]


def test_the_status_of_the_server_is_held_against_licence_file_and_log(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select server, feature, offering_key, issued, issued_by_licence_file, in_use, users, licences_listed, "
        "borrowed, held_over_a_day, log_open, "
        "  not_in_log, not_in_status, difference from marts.fct_network_status_monthly where review_month = '2026-10'",
    )
    assert found == [
        (
            "srv1", "64300acd_f", "autocad", 4, 3, 5, 5, 5, 1, 4, 6, 1, 2,
            "the server issues 4, the licence file 3; 1 held that the log does not show as out; 2 out by the log that "
            "the server does not list; "
            "expired on 2026-10-09",
        )
    ]  # fmt: skip
    found = rows(
        reviewed,
        "select user_name, licences_listed, borrowed, log_open, in_log, round(hours_held) from "
        "marts.fct_network_holder_monthly order by 1",
    )
    assert found == [
        ("anna", 1, 0, 1, "in_both", 265.0),
        ("bert", 1, 0, 1, "in_both", 265.0),
        ("carl", 1, 0, 2, "not_in_status", 229.0),
        ("dora", 1, 0, 2, "not_in_status", 0.0),
        ("zoe", 1, 1, 0, "not_in_log", 457.0),
    ]


def test_the_rule_without_a_licence_file_says_that_it_saw_only_denials(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select review_month, assessability, reason from calendar.rule_runs where rule_id = 'ENT-10' order by 1",
    )
    assert found == [("2026-09", "partly", "without: nlm_licence"), ("2026-10", "assessed", None)]


def test_five_entries_of_an_installation_count_once_and_a_later_release_not_at_all(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select review_month, offering_key, observed, threshold from calendar.compliance_gap_register where rule_id = "
        "'ENT-09'",
    )
    assert found == [("2026-10", "maya", 3.0, 1.0)]


def test_a_peak_is_explained_with_the_lines_that_were_open(reviewed: Path) -> None:
    ((finding,),) = rows(
        reviewed, "select finding_id from calendar.findings where rule_id = 'ENT-10' and scope = '64300acd_f'"
    )
    told = selfaudit(reviewed, "explain", finding).output
    assert "64300ACD_F was out 4 times at once" in told
    for name in ("anna", "bert", "carl", "dora"):
        assert f"user name: {name}" in told.lower()


def test_every_row_of_the_texts_is_accounted_for(reviewed: Path) -> None:
    found = rows(
        reviewed,
        "select path, input, rows_read, rows_loaded, rows_rejected from calendar.file_register "
        "where review_month = '2026-10' and input like 'nlm%' order by 1, 3",
    )
    assert {row for row in found if row[0].startswith("nlm")} >= {
        ("nlm/adskflex.lic", "nlm_licence", 2, 2, 0),
        ("nlm/debug.log.gz", "nlm_log", 11, 11, 0),
    }


@pytest.mark.skipif(not PUBLIC.is_file(), reason="the public log is not at hand")
def test_a_real_log_of_a_university_gives_its_known_numbers(tmp_path: Path) -> None:
    landing = tmp_path / "landing" / "2022-06"
    landing.mkdir(parents=True)
    shutil.copy(PUBLIC, landing)
    done = selfaudit(tmp_path, "run", "2022-06")
    assert done.exit_code == 3, done.output
    with duckdb.connect(str(tmp_path / "warehouse" / "selfaudit.duckdb"), read_only=True) as con:
        operations = dict(con.execute("select operation, count(*) from raw.nlm_log group by 1").fetchall())
    assert {k: v for k, v in operations.items() if k not in {"START", "EXIT"}} == {
        "OUT": 8402,
        "IN": 8400,
        "UNSUPPORTED": 2,
    }
    assert rows(
        tmp_path, "select peak_handles, peak_pairs from marts.fct_network_licence_monthly where feature = '64300acd_f'"
    ) == [(242, 146)]
