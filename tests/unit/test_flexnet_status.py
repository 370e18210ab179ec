"""Status texts of the licence server as rows. All texts are invented but for those used where the public ones are at
hand.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.flexnet.status import StatusText, parse_status, read_status

PUBLIC = Path(__file__).parents[3] / "shared" / "samples" / "flexnet"
HEAD = """lmutil - Copyright (c) 1989-2025 Flexera. All Rights Reserved.
Flexible License Manager status on Fri 9/18/2026 11:24

License server status: 27000@SRV1
SRV1: license server UP (MASTER) v11.19.9
Vendor daemon status (on SRV1):
  adskflex: UP v11.19.9
Feature usage info:

"""
FEATURE = (
    'Users of 11111ACD_T_F:  (Total of 5 licenses issued;  Total of 2 licenses in use)\n\n  "11111ACD_T_F" '
    "v1.000, vendor: adskflex, expiry: 26-feb-2029\n  vendor_string: commercial:permanent\n  floating "
    "license\n\n"
)


def status(body: str, head: str = HEAD) -> StatusText:
    return parse_status((head + body).splitlines(keepends=True))


def users(found: StatusText) -> list[dict[str, Any]]:
    return [r for r in found.rows if r["kind"] == "user"]


def test_a_users_line_gives_names_component_start_and_what_the_feature_has() -> None:
    found = status(
        FEATURE + "    anna PC-1 PC-1 22222ACD_2027_0F (v1.000) (SRV1/27000 101), start Fri 9/18 11:23, PID: 24336\n"
    )
    (row,) = users(found)
    assert (row["user_name"], row["host"], row["display"], row["component"]) == (
        "anna",
        "PC-1",
        "PC-1",
        "22222ACD_2027_0F",
    )
    assert row["started_at"] == datetime(2026, 9, 18, 11, 23)
    assert (row["issued"], row["in_use"], row["licences"], row["daemon"]) == (5, 2, 1, "adskflex")
    assert found.status_at == datetime(2026, 9, 18, 11, 24)
    feature = next(r for r in found.rows if r["kind"] == "feature")
    assert feature["expires_on"] == date(2029, 2, 26)
    assert (found.read, found.unexplained) == (1, 0)
    assert found.frame().height == len(found.rows)


def test_names_with_blanks_are_split_where_host_and_display_are_the_same() -> None:
    found = status(
        FEATURE
        + "    Anna Example PC-1 PC-1 (v1.0) (SRV1/27000 1), start Fri 9/18 9:00\n"
        + "    Bert B bert_b \"x'y z (v1.0) (SRV1/27000 2), start Fri 9/18 9:00\n"
        + "    47011 PC-3 (v1.0) (SRV1/27000 3), start Fri 9/18 9:00\n"
    )
    assert [(r["user_name"], r["host"], r["is_name_ambiguous"]) for r in users(found)] == [
        ("Anna Example", "PC-1", False),
        ("Bert", "B", True),
        ("47011", "PC-3", False),
    ]


def test_several_licences_borrowed_and_queued_lines_are_told() -> None:
    found = status(
        FEATURE
        + "    a h h (v1.0) (SRV1/27000 1), start Fri 9/18 9:00, 16 licenses  (linger: 885098 / 1340160)\n"
        + "    b h h (v1.0) (SRV1/27000 2) queued for 1 license\n"
    )
    assert [(r["licences"], r["is_borrowed"], r["is_queued"]) for r in users(found)] == [
        (16, True, False),
        (0, False, True),
    ]


def test_the_missing_year_of_a_start_is_found_by_the_weekday() -> None:
    found = status(
        FEATURE
        + "    a h h (v1.0) (SRV1/27000 1), start Thu 12/31 23:00\n"
        + "    b h h (v1.0) (SRV1/27000 2), start Mon 9/18 9:00\n"
        + "    c h h (v1.0) (SRV1/27000 3), start Fri 2/30 9:00\n"
    )
    assert [r["started_at"] for r in users(found)] == [datetime(2020, 12, 31, 23), datetime(2023, 9, 18, 9), None]


def test_reservations_are_summed_and_are_no_users() -> None:
    found = status(FEATURE + "\t1 RESERVATION for HOST PC-9 (SRV1/27000)\n\t10 RESERVATIONs for GROUP g (SRV1/27000)\n")
    assert next(r for r in found.rows if r["kind"] == "feature")["reserved"] == 11
    assert (found.read, found.unexplained) == (0, 0)


def test_uncounted_features_and_errors_have_no_numbers() -> None:
    found = status(
        "Users of F:  (Uncounted, node-locked)\nUsers of G:  (Error: 10 licenses, unsupported by licensed server)\n"
    )
    features = [r for r in found.rows if r["kind"] == "feature"]
    assert [(r["issued"], r["in_use"]) for r in features] == [(None, None), (None, None)]
    assert features[0]["message"] == "Uncounted, node-locked"


def test_a_server_that_is_down_is_a_row_and_no_feature_is_idle() -> None:
    found = status(
        'Error getting status: Cannot connect to license server system. (-15,10:10061 "WinSock: Connection refused")\n',
        head="",
    )
    assert [(r["kind"], r["message"].split(".")[0]) for r in found.rows] == [
        ("silent", "Cannot connect to license server system")
    ]


def test_a_users_line_without_a_start_is_rejected_and_an_odd_line_counted() -> None:
    found = status(FEATURE + "    a h h (v1.0) (SRV1/27000 1), began yesterday\nsomething else entirely\n")
    assert [(r.row_number, r.column_name) for r in found.rejected] == [(1, "started_at")]
    assert (found.read, len(users(found)), found.unexplained) == (1, 0, 1)


def test_two_outputs_in_one_text_keep_their_own_server_and_time() -> None:
    other = HEAD.replace("SRV1", "SRV2").replace("11:24", "12:00")
    line = "    a h h (v1.0) (SRV1/27000 1), start Fri 9/18 9:00\n"
    found = status(FEATURE + line + "-----\n" + other + FEATURE)
    features = [r for r in found.rows if r["kind"] == "feature"]
    assert [(r["server"], f"{r['status_at']:%H:%M}") for r in features] == [("SRV1", "11:24"), ("SRV2", "12:00")]


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public texts are not beside the checkout")
def test_public_status_texts_have_no_unexplained_line() -> None:
    for path in sorted(PUBLIC.glob("lmstat_*.txt")):
        found = read_status(path)
        assert (found.unexplained, found.rejected) == (0, []), (path.name, found.examples)


def test_a_second_server_in_the_same_output_keeps_its_own_name_daemon_and_features() -> None:
    second = (
        "----------------------------------------------------------------------------\nLicense server status: "
        "27002@SRV2\n\n"
        "SRV2: license server UP v11.13.0\n\nVendor daemon status (on SRV2):\n\n   other_d: UP v11.13.0\nFeature "
        "usage info:\n\n"
        "Users of Something:  (Total of 1 license issued;  Total of 1 license in use)\n\n"
        '  "Something" v1.0, vendor: other_d, expiry: 1-jan-0\n\n'
        "    anna PC-1 PC-1 (v1.0) (SRV2/27002 101), start Fri 9/18 11:00\n"
    )
    found = status(FEATURE + second)
    assert (found.unexplained, found.examples) == (0, [])
    features = {r["feature"]: (r["server"], r["daemon"]) for r in found.rows if r["kind"] == "feature"}
    assert features == {"11111ACD_T_F": ("SRV1", "adskflex"), "Something": ("SRV2", "other_d")}
    assert [(r["server"], r["daemon"], r["status_at"]) for r in users(found)] == [
        ("SRV2", "other_d", datetime(2026, 9, 18, 11, 24))
    ]


def test_a_date_alone_on_its_line_is_the_date_of_the_status() -> None:
    found = status("", "lmutil - Copyright (c) 1989-2018 Flexera. All Rights Reserved.\nWed 10/28/2020 10:48\n\n")
    assert (found.status_at, found.unexplained) == (datetime(2020, 10, 28, 10, 48), 0)
