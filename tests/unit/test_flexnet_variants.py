"""Variants of the texts of a licence server as they are met in the field, made by hypothesis: names with blanks,
remarks and reasons in brackets, other forms of the time, lines that are damaged. Whatever the variant, a line that
holds a licence event is a row: loaded as written, or rejected. All names are invented.
"""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.flexnet.debuglog import REJECTED, SCHEMA, DebugLog, LogSummary
from pipelines.flexnet.status import parse_status, split_names
from pipelines.flexnet.text import is_debug_log, is_licence_list, is_status_text

WORD = st.text("abcXYZäé0129.-_'+", min_size=1, max_size=8).filter(lambda w: w[0] not in ".'+-")
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
USER = st.one_of(NAME, st.tuples(WORD, WORD).map(lambda p: f"{p[0]}@{p[1]}.example"), NAME.map(lambda n: f"{n} (ext)"))
REMARK = st.sampled_from(
    ["", "(PORT_AT_HOST_PLUS   ) ", "(00B0 EF6E 32D0 9DB5 ) ", "(PORT_AT_HOST_PLUS   ) (0A1B 2C3D ) "]
)
REASON = st.sampled_from(
    [
        "",
        "(INACTIVE)",
        "(Licensed number of users already reached. (-4,342))",
        "(License server system does not support this feature. (-18,327))",
        '(Cannot connect to 27000@srv1. (-15,10:10061 "refused"))',
        "(2 licenses)",
        "[data] (2 licenses)",
    ]
)
OPERATION = st.sampled_from(["OUT", "IN", "DENIED", "UNSUPPORTED"])
CLOCK = st.sampled_from(
    [
        "{h:02d}:{m:02d}:{s:02d}",
        "{h:2d}:{m:02d}:{s:02d}",
        "{h:2d}:{m:2d}:{s:2d}",
        "{h}:{m:02d}:{s:02d}",
        "2026-10-05T{h:02d}:{m:02d}:{s:02d}.250Z",
        "C:\\> {h:02d}:{m:02d}:{s:02d}",
        "{h12}:{m:02d}:{s:02d} {half}",
    ]
)
EVENT = st.tuples(OPERATION, USER, NAME, REMARK, REASON, CLOCK)


def clock(form: str, at: datetime) -> str:
    return form.format(h=at.hour, m=at.minute, s=at.second, h12=at.hour % 12 or 12, half="AM" if at.hour < 12 else "PM")


def read(text: str) -> tuple[pl.DataFrame, pl.DataFrame, LogSummary]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "debug.log"
        path.write_bytes(text.encode())
        log = DebugLog(path)
        found = list(log.read())
    events = pl.concat([pl.DataFrame(schema=SCHEMA), *(b.events for b in found)])
    return events, pl.concat([pl.DataFrame(schema=REJECTED), *(b.rejected for b in found)]), log.summary


def lines_of(events: list[tuple[str, ...]]) -> list[str]:
    start = datetime(2026, 10, 5, 9, 58, 7)
    return [
        f'{clock(form, start + timedelta(minutes=7 * n, seconds=n))} (adskflex) {operation}: "64300ACD_F" '
        f"{remark}{user}@{host}  {reason}"
        for n, (operation, user, host, remark, reason, form) in enumerate(events)
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=6))
def test_an_event_is_read_whole_in_every_form_of_its_line(events: list[tuple[str, ...]]) -> None:
    lines = lines_of(events)
    text = "\n".join(["09:58:00 (lmgrd) TIMESTAMP 10/5/2026", *lines])
    assert is_debug_log(text)
    found, rejected, summary = read(text)
    assert rejected.rows() == [] and summary.unexplained == 0
    assert found.select("operation", "user_name", "host").rows() == [(e[0], e[1], e[2]) for e in events]
    start = datetime(2026, 10, 5, 9, 58, 7)
    assert found["event_at"].to_list() == [start + timedelta(minutes=7 * n, seconds=n) for n in range(len(events))]
    for (*_, reason, _), code, licences in zip(events, found["reason_code"], found["licences"], strict=True):
        assert (code is not None) == ("(-" in reason)
        assert licences == (2 if "licenses" in reason else 1)


DAMAGE = st.sampled_from(
    [
        "",
        "1o:00:00 (adskflex) ",
        "10:00 (adskflex) ",
        "10:00:00 adskflex ",
        "(adskflex) ",
        "99:99:99 (adskflex) ",
        "10:00:00 (adskflex) x) ",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(EVENT, min_size=1, max_size=5), st.lists(DAMAGE, min_size=1, max_size=3), st.randoms(use_true_random=False)
)
def test_a_line_with_a_licence_event_that_cannot_be_read_is_a_rejected_row(
    events: list[tuple[str, ...]], damages: list[str], order: Any
) -> None:
    broken = [f'{damage}OUT: "64300ACD_F" anna@PC-01  ' for damage in damages]
    lines = lines_of(events)
    mixed = [*lines]
    for line in broken:
        mixed.insert(order.randint(0, len(mixed)), line)
    found, rejected, summary = read("\n".join(["09:58:00 (lmgrd) TIMESTAMP 10/5/2026", *mixed]))
    assert summary.unexplained == 0
    assert summary.rows == found.height + rejected.height == len(mixed)
    assert sorted(rejected["row_text"].str.strip_chars()) == sorted(
        line.removeprefix("10:00:00 (adskflex) ").strip() for line in broken
    )
    numbers = sorted([*found["row_number"], *rejected["row_number"]])
    assert numbers == list(range(1, len(mixed) + 1))


STATUS = """lmutil - Copyright (c) 1989-2024 Flexera. All Rights Reserved.
Flexible License Manager status on {at}

License server status: {asked}
    License file(s) on {server}: C:\\Autodesk\\lic\\adskflex.lic:

"""
UP = """{server}: license server UP (MASTER) v11.18.0

Vendor daemon status (on {server}):

  adskflex: UP v11.18.0
Feature usage info:

Users of 64300ACD_F:  (Total of 10 licenses issued;  Total of 3 licenses in use)

"""
POOL = '  "64300ACD_F" v1.000, vendor: adskflex, expiry: {expiry}\n  floating license\n\n'
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def status(body: str, at: str = "Fri 10/30/2026 14:00", asked: str = "27000@licsrv01") -> Any:
    text = STATUS.format(at=at, asked=asked, server="licsrv01") + body
    assert is_status_text(text)
    return parse_status(text.splitlines(keepends=True))


@settings(max_examples=150, deadline=None)
@given(
    st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    st.integers(0, 700),
    st.sampled_from(
        ["{d} {m}/{t} {h}:{n:02d}", "{d} {m}/{t}  {h}:{n:02d}", "{d} {m}/ {t} {h}:{n:2d}", "xx {m}/{t} {h}:{n:02d}"]
    ),
)
def test_the_year_of_a_start_makes_a_day_that_exists_and_is_not_after_the_status(
    day: date, ago: int, form: str
) -> None:
    start = day - timedelta(days=ago if form.startswith("{d}") else ago % 360)
    told = form.format(d=DAYS[start.weekday()], m=start.month, t=start.day, h=8, n=5)
    line = f"    anna PC-01 PC-01 (v1.000) (licsrv01/27000 101), start {told}\n"
    found = status(
        UP.format(server="licsrv01") + POOL.format(expiry="permanent") + line,
        f"{DAYS[day.weekday()]} {day.month}/{day.day}/{day.year} 14:52",
    )
    (user,) = [r for r in found.rows if r["kind"] == "user"]
    assert user["started_at"] == datetime(start.year, start.month, start.day, 8, 5)
    assert (found.unexplained, found.rejected) == (0, [])


@given(
    st.lists(
        st.sampled_from(["permanent(no expiration date)", "1-jan-0", "30-apr-2027", "15-nov-2028"]),
        min_size=1,
        max_size=4,
    )
)
def test_the_end_of_a_feature_is_told_where_all_its_pools_have_it(expiries: list[str]) -> None:
    found = status(UP.format(server="licsrv01") + "".join(POOL.format(expiry=e) for e in expiries))
    (feature,) = [r for r in found.rows if r["kind"] == "feature"]
    assert (feature["issued"], feature["in_use"]) == (10, 3)
    ends = {None if e.startswith(("perm", "1-jan")) else e for e in expiries}
    one = {"30-apr-2027": date(2027, 4, 30), "15-nov-2028": date(2028, 11, 15), None: None}
    assert feature["expires_on"] == (one[ends.pop()] if len(ends) == 1 else None)
    assert (feature["message"] is None) == (
        len(set(expiries) - {"1-jan-0"} | ({"permanent(no expiration date)"} if "1-jan-0" in expiries else set())) == 1
    )


NO_ANSWER = st.sampled_from(
    [
        "Error getting status: Cannot read data from license server system. (-16,287)",
        'Error getting status: Cannot connect to license server system. (-15,10:10061 "WinSock: Connection refused")',
        'lmgrd is not running: License server machine is down or not responding. (-96,7:2 "No such file or directory")',
        'licsrv01: Cannot connect to license server system. (-15,570:115 "Operation now in progress")',
        "Invalid returned data from license server system. (-12,16)",
    ]
)


@given(NO_ANSWER, st.sampled_from(["27000@licsrv01", "licsrv01", "@licsrv01", "27000@licsrv01,27000@lic2"]))
def test_a_server_that_does_not_answer_is_silent_and_has_no_feature(line: str, asked: str) -> None:
    found = status(f"{line}\n", asked=asked)
    assert [(r["kind"], r["server"]) for r in found.rows] == [("silent", "licsrv01")]
    assert found.unexplained == 0
    answering = status(UP.format(server="licsrv01") + f"lic3: {line.removeprefix('licsrv01: ')}\n")
    assert "silent" not in {r["kind"] for r in answering.rows}, "one of three servers may be down"


@given(NAME, NAME)
def test_user_and_host_with_blanks_are_told_apart_where_the_display_repeats_the_host(user: str, host: str) -> None:
    found_user, found_host, display, _, ambiguous = split_names(f"{user} {host} {host}")
    if not ambiguous and found_host == display and found_user == user:
        assert found_host == host
    else:  # names that repeat a word can be cut in several ways, all of which give the same text
        assert f"{found_user} {found_host} {display}".replace(" None", "") == f"{user} {host} {host}"


def test_names_of_several_words_without_repetition_are_cut_rightly() -> None:
    assert split_names("vera vogt CAD PC 04 CAD PC 04") == ("vera vogt", "CAD PC 04", "CAD PC 04", None, False)


def test_the_list_of_the_licence_file_is_no_status() -> None:
    text = (
        "NOTE: lmstat -i does not give information from the server,\n      but only reads the license "
        "file.\n\nFeature  Version #licenses Vendor Expires\n64300ACD_F 1.000 10 adskflex permanent\n"
    )
    assert is_licence_list(text) and not is_status_text(text)
