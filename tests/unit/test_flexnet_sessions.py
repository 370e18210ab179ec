"""Concurrency, denials and sessions from events. All logs are invented; a slow count in Python is the measure of the
set-based one.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.flexnet.debuglog import DebugLog
from pipelines.flexnet.sessions import denials_sql, peak_column, peaks_sql, sessions_sql

PUBLIC = Path(__file__).parents[3] / "shared" / "samples" / "flexnet" / "adskflex_debug_2022_university_63days.log"
DAY = " 8:00:00 (d) TIMESTAMP 3/2/2026\n"


def events(tmp_path: Path, *texts: str) -> duckdb.DuckDBPyConnection:
    frames = []
    for number, text in enumerate(texts, 1):
        path = tmp_path / f"{number}.log"
        path.write_text(text)
        frames += [b.events.with_columns(file=pl.lit(number)) for b in DebugLog(path).read()]
    con = duckdb.connect()
    pl.concat(frames).write_parquet(tmp_path / "events.parquet")
    con.execute(f"create table ev as select * from read_parquet('{tmp_path / 'events.parquet'}')")
    return con


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [d[0] for d in found.description or []]
    return [dict(zip(names, r, strict=True)) for r in found.fetchall()]


def peaks(con: duckdb.DuckDBPyConnection, feature: str = "F") -> list[tuple[int, int, int, int]]:
    return [
        (r["peak_handles"], r["peak_users"], r["peak_hosts"], r["peak_pairs"])
        for r in rows(con, peaks_sql("ev"))
        if r["feature"] == feature
    ]


def test_further_starts_by_a_user_on_a_host_take_a_licence_once_where_the_group_says_so(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        DAY
        + ' 8:00:01 (d) OUT: "F" anna@h1  \n 8:00:02 (d) OUT: "F" ANNA@H1  \n 8:00:03 (d) OUT: "F" anna@h2  \n'
        + ' 8:00:04 (d) OUT: "F" bert@h1  \n 8:00:05 (d) IN: "F" anna@h1  \n 8:00:06 (d) IN: "F" anna@h1  \n',
    )
    assert peaks(con) == [(4, 2, 2, 3)]
    assert [peak_column(g) for g in ("UH", "UHV", "U", "H", "V", "SITE", "NONE", None)] == [
        "peak_pairs",
        "peak_pairs",
        "peak_users",
        "peak_hosts",
        "peak_handles",
        "peak_handles",
        "peak_handles",
        "peak_handles",
    ]


def test_one_line_can_take_several_licences(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        DAY + ' 8:00:01 (d) OUT: "F" anna@h1  (4 licenses)\n 8:00:02 (d) OUT: "F" anna@h1  (2 licenses)\n 8:00:03 (d) '
        'OUT: "F" bert@h1  \n',
    )
    assert peaks(con) == [(7, 5, 4, 5)]


def test_a_restart_checks_everything_in_and_a_late_check_in_then_changes_nothing(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        DAY
        + ' 8:00:01 (d) OUT: "F" a@h1  \n 8:00:02 (d) OUT: "F" b@h1  \n 8:00:03 (d) OUT: "F" c@h1  \n'
        + " 9:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)\n"
        + ' 9:00:01 (d) IN: "F" a@h1  \n 9:00:02 (d) OUT: "F" d@h1  \n 9:00:03 (d) OUT: "F" e@h1  \n',
    )
    assert peaks(con) == [(3, 3, 1, 3)]
    sessions = rows(con, sessions_sql("ev"))
    assert [(s["user_name"], s["closed_by"], f"{s['ended_at'] or ''}") for s in sessions] == [
        ("a", "START", "2026-03-02 09:00:00"),
        ("b", "START", "2026-03-02 09:00:00"),
        ("c", "START", "2026-03-02 09:00:00"),
        ("d", "open", ""),
        ("e", "open", ""),
    ]


def test_the_exit_of_one_vendor_daemon_leaves_the_other_alone(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        DAY
        + ' 8:00:01 (d) OUT: "F" a@h1  \n 8:00:01 (e) OUT: "G" a@h1  \n 8:30:00 (lmgrd) d exited with status 28\n'
        + ' 9:00:00 (d) OUT: "F" b@h1  \n 9:00:00 (e) OUT: "G" b@h1  \n',
    )
    assert peaks(con, "F") == [(1, 1, 1, 1)]
    assert peaks(con, "G") == [(2, 2, 1, 2)]


def test_the_check_ins_of_a_clean_shutdown_come_after_the_exit_and_count_once(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        DAY
        + ' 8:00:01 (d) OUT: "F" a@h1  \n 9:00:00 (lmgrd) Shutting down d pid=4 because of signal 15\n'
        + ' 9:00:00 (d) IN: "F" a@h1  (SHUTDOWN)\n 9:00:01 (lmgrd) EXITING DUE TO SIGNAL 15\n10:00:00 (d) OUT: "F" '
        "b@h1  \n",
    )
    assert peaks(con) == [(1, 1, 1, 1)]


def test_what_was_open_before_the_month_counts_in_it(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        '20:00:00 (d) TIMESTAMP 1/30/2026\n20:00:01 (d) OUT: "F" a@h1  \n20:00:02 (d) OUT: "F" b@h1  \n20:00:03 (d) '
        'IN: "F" b@h1  \n'
        ' 9:00:00 (d) TIMESTAMP 3/2/2026\n 9:00:01 (d) OUT: "F" c@h1  \n',
    )
    found = rows(con, peaks_sql("ev"))
    assert [(str(r["month"]), r["peak_handles"], f"{r['peak_handles_at']:%m-%d %H}") for r in found] == [
        ("2026-01-01", 2, "01-30 20"),
        ("2026-02-01", 1, "02-01 00"),
        ("2026-03-01", 2, "03-02 09"),
    ]


def test_reservations_are_not_counted(tmp_path: Path) -> None:
    con = events(tmp_path, DAY + ' 8:00:01 (d) OUT: "F" RESERVED@h1  \n 8:00:02 (d) OUT: "F" a@h1  \n')
    assert peaks(con) == [(1, 1, 1, 1)]


def test_a_line_in_two_overlapping_logs_counts_once_and_a_repeated_line_as_often_as_one_log_has_it(
    tmp_path: Path,
) -> None:
    first = DAY + ' 8:00:01 (d) OUT: "F" a@h1  \n' * 2 + ' 8:00:02 (d) DENIED: "F" b@h2  (Reached. (-4,342))\n'
    second = first + ' 8:00:01 (d) OUT: "F" a@h1  \n' + ' 9:00:00 (d) OUT: "F" c@h1  \n'
    con = events(tmp_path, first, second)
    assert peaks(con) == [(4, 2, 1, 2)]
    assert rows(con, denials_sql("ev"))[0]["lines"] == 1


def test_a_denial_that_falls_back_to_another_licence_is_no_loss(tmp_path: Path) -> None:
    reason = "(Licensed number of users already reached. (-4,342))"
    con = events(
        tmp_path,
        DAY
        + f' 8:00:01 (d) DENIED: "PACK_F" a@h1  {reason}\n 8:00:01 (d) DENIED: "COMP" a@h1  {reason}\n'
        + ' 8:00:01 (d) OUT: "SUITE_F" a@h1  \n 8:00:01 (d) OUT: "COMP" a@h1  \n'
        + f' 9:00:01 (d) DENIED: "PACK_F" b@h1  {reason}\n 9:00:01 (d) DENIED: "PACK_F" b@h1  {reason}\n',
    )
    found = {r["feature"]: (r["lines"], r["attempts"], r["lost"]) for r in rows(con, denials_sql("ev"))}
    assert found == {"PACK_F": (3, 2, 1), "COMP": (1, 1, 0)}


def test_the_repeated_hour_of_autumn_leaves_nothing_open(tmp_path: Path) -> None:
    con = events(
        tmp_path,
        '20:00:00 (d) TIMESTAMP 10/24/2026\n 1:59:00 (d) OUT: "F" a@h1  \n 1:05:00 (d) IN: "F" a@h1  \n 3:00:00 (d) '
        'OUT: "F" b@h1  \n',
    )
    assert peaks(con) == [(1, 1, 1, 1)]


def test_a_log_that_starts_in_the_middle_has_check_ins_of_nothing(tmp_path: Path) -> None:
    con = events(
        tmp_path, DAY + ' 8:00:01 (d) IN: "F" a@h1  \n 8:00:02 (d) OUT: "F" a@h1  \n 8:00:03 (d) IN: "F" a@h1  \n'
    )
    assert peaks(con) == [(1, 1, 1, 1)]
    assert [s["closed_by"] for s in rows(con, sessions_sql("ev"))] == ["IN"]


def slow_peaks(lines: list[tuple[str, str, str]]) -> tuple[int, int, int, int]:
    """Greatest (handles, users, hosts, pairs) by walking the events one by one."""
    level: dict[tuple[str, str], int] = defaultdict(int)
    best = [0, 0, 0, 0]
    for operation, user, host in lines:
        if operation == "START":
            level.clear()
        elif operation == "OUT":
            level[user, host] += 1
        elif level[user, host]:
            level[user, host] -= 1
        held = [k for k, n in level.items() if n]
        now = [sum(level.values()), len({u for u, _ in held}), len({h for _, h in held}), len(held)]
        best = [max(pair) for pair in zip(best, now, strict=True)]
    return best[0], best[1], best[2], best[3]


@pytest.mark.parametrize("seed", range(12))
def test_set_based_peaks_agree_with_a_walk_over_the_events(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines: list[tuple[str, str, str]] = []
    for _ in range(400):
        operation = chance.choices(["OUT", "IN", "START"], [10, 9, 0.3])[0]
        lines.append((operation, f"u{chance.randrange(6)}", f"h{chance.randrange(4)}"))
    text = DAY
    for number, (operation, user, host) in enumerate(lines):
        clock = f"{8 + number // 60:2d}:{number % 60:02d}:00"
        text += (
            f"{clock} (d) FlexNet Licensing version v11.18.0.0 build 1 x64_n6\n"
            if operation == "START"
            else f'{clock} (d) {operation}: "F" {user}@{host}  \n'
        )
    assert peaks(events(tmp_path, text)) == [slow_peaks(lines)]


@pytest.mark.skipif(not PUBLIC.is_file(), reason="the public log is not beside the checkout")
def test_the_public_log_has_the_known_peaks(tmp_path: Path) -> None:
    con = events(tmp_path, PUBLIC.read_text())
    assert max(p[0] for p in peaks(con, "64300ACD_F")) == 242
    assert max(p[3] for p in peaks(con, "64300ACD_F")) == 146
    sessions = rows(con, sessions_sql("ev"))
    assert sum(1 for s in sessions if s["closed_by"] == "IN") == 8400
