"""Debug logs of the licence server read as event rows. All logs are invented; one test uses a public log where it is at
hand.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.flexnet.debuglog import REJECTED, SCHEMA, DebugLog, LogSummary
from pipelines.flexnet.lines import batches
from pipelines.flexnet.write import write_log

PUBLIC = Path(__file__).parents[3] / "shared" / "samples" / "flexnet"


def read(tmp_path: Path, text: str, batch_bytes: int = 1 << 20) -> tuple[pl.DataFrame, pl.DataFrame, LogSummary]:
    path = tmp_path / "debug.log"
    path.write_bytes(text.encode())
    log = DebugLog(path, batch_bytes)
    found = list(log.read())
    events = pl.concat([pl.DataFrame(schema=SCHEMA), *(b.events for b in found)])
    rejected = pl.concat([pl.DataFrame(schema=REJECTED), *(b.rejected for b in found)])
    return events, rejected, log.summary


def times(events: pl.DataFrame) -> list[str]:
    return [f"{t:%m-%d %H:%M:%S}" for t in events["event_at"]]


def test_an_event_line_gives_operation_feature_user_host_reason_and_count(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        " 8:00:00 (lmgrd) TIMESTAMP 3/9/2026\n"
        ' 8:00:01 (adskflex) OUT: "11111ACD_T_F" anna@PC-1  \n'
        ' 8:00:02 (adskflex) OUT: "11111ACD_T_F" bert@PC-2  (4 licenses)\n'
        ' 8:00:03 (adskflex) DENIED: "11111ACD_T_F" cleo@PC-3  (Licensed number of users already reached. (-4,342))\n'
        ' 8:00:04 (adskflex) UNSUPPORTED: "22222XYZ_F" (00AA 11BB ) cleo@PC-3  (No such feature exists. (-5,346))\n'
        ' 8:00:05 (adskflex_1) IN: "11111ACD_T_F" bert@PC-2  (4 licenses) (INACTIVE)\n',
    )
    assert events["operation"].to_list() == ["OUT", "OUT", "DENIED", "UNSUPPORTED", "IN"]
    assert events["row_number"].to_list() == [1, 2, 3, 4, 5]
    assert events["line_number"].to_list() == [2, 3, 4, 5, 6]
    assert events["licences"].to_list() == [1, 4, 1, 1, 4]
    assert events["user_name"].to_list() == ["anna", "bert", "cleo", "cleo", "bert"]
    assert events["host"].to_list() == ["PC-1", "PC-2", "PC-3", "PC-3", "PC-2"]
    assert events["reason"].to_list()[2:] == [
        "Licensed number of users already reached. (-4,342)", "No such feature exists. (-5,346)", "INACTIVE"
    ]  # fmt: skip
    assert events["reason_code"].to_list()[2:] == ["-4,342", "-5,346", None]
    assert set(events["daemon"]) == {"adskflex"}, "a forked copy of the daemon is the daemon"
    assert summary.rows == 5
    assert summary.unexplained == 0


def test_user_names_may_hold_blanks_and_at_signs(tmp_path: Path) -> None:
    events, rejected, _ = read(
        tmp_path,
        ' 8:00:00 (d) TIMESTAMP 3/9/2026\n 8:00:01 (d) OUT: "F" Ann Example@PC-1  \n 8:00:02 (d) OUT: "F" '
        "a@x.example@PC-2  \n"
        ' 8:00:03 (d) DENIED: "F" b@PC-3  (Cannot reach 27000@srv. (-15,10))\n 8:00:04 (d) OUT: "F" b@PC-3 [data] (2 '
        "licenses)\n"
        ' 8:00:05 (d) OUT: "F" b@PC-3 ^^^ 1.0 b 192.0.2.1 29 0x12 1 5 none 11 19 3/9/2026 8:00 0 ^^^\n',
    )
    assert events["user_name"].to_list() == ["Ann Example", "a@x.example", "b", "b", "b"]
    assert events["host"].to_list() == ["PC-1", "PC-2", "PC-3", "PC-3", "PC-3"]
    assert events["licences"].to_list() == [1, 1, 1, 2, 1]
    assert rejected.height == 0


def test_a_clock_that_jumps_back_is_the_next_day_even_before_the_day_is_stamped(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        "22:00:00 (lmgrd) TIMESTAMP 12/31/2025\n"
        '23:59:58 (d) OUT: "F" a@h1  \n 0:00:01 (d) OUT: "F" b@h2  \n 5:30:00 (d) IN: "F" a@h1  \n'
        " 6:00:00 (lmgrd) TIMESTAMP 1/1/2026\n"
        ' 6:00:01 (d) IN: "F" b@h2  \n',
    )
    assert times(events) == ["12-31 23:59:58", "01-01 00:00:01", "01-01 05:30:00", "01-01 06:00:01"]
    assert events["event_at"][0].year == 2025
    assert summary.moved == 0


def test_lines_before_the_first_date_are_dated_backwards_from_it(tmp_path: Path) -> None:
    text = (
        '22:00:00 (d) OUT: "F" a@h1  \n 7:00:00 (d) IN: "F" a@h1  \n23:00:00 (d) OUT: "F" a@h1  \n'
        ' 1:00:00 (lmgrd) TIMESTAMP 3/3/2026\n 2:00:00 (d) IN: "F" a@h1  \n'
    )
    expected = ["03-01 22:00:00", "03-02 07:00:00", "03-02 23:00:00", "03-03 02:00:00"]
    assert times(read(tmp_path, text)[0]) == expected
    assert times(read(tmp_path, text, batch_bytes=40)[0]) == expected, "also where the date comes in a later piece"


def test_a_log_without_any_date_has_its_rows_rejected_and_counted(tmp_path: Path) -> None:
    events, rejected, summary = read(tmp_path, '22:00:00 (d) OUT: "F" a@h1  \n 7:00:00 (d) IN: "F" a@h1  \n')
    assert events.height == 0
    assert rejected["row_number"].to_list() == [1, 2]
    assert set(rejected["column_name"]) == {"event_at"}
    assert (summary.rows, summary.rejected, summary.undated) == (2, 2, 2)


def test_the_repeated_hour_of_autumn_keeps_its_day_and_its_order(tmp_path: Path) -> None:
    events, _, _ = read(
        tmp_path,
        '20:00:00 (lmgrd) TIMESTAMP 10/24/2026\n 1:59:59 (d) OUT: "F" a@h1  \n 1:00:00 (d) IN: "F" a@h1  \n 2:10:00 '
        '(d) OUT: "F" a@h1  \n',
    )
    assert times(events) == ["10-25 01:59:59", "10-25 01:00:00", "10-25 02:10:00"]
    assert events["sequence_at"].is_sorted()


def test_a_late_line_of_another_process_stays_on_the_day_before(tmp_path: Path) -> None:
    events, _, _ = read(
        tmp_path,
        '20:00:00 (lmgrd) TIMESTAMP 3/1/2026\n 0:00:00 (d) OUT: "F" a@h1  \n23:59:59 (e) OUT: "G" a@h1  \n 0:00:01 '
        '(d) IN: "F" a@h1  \n',
    )
    assert times(events) == ["03-02 00:00:00", "03-01 23:59:59", "03-02 00:00:01"]


def test_dates_come_from_starts_and_statistics_too_and_a_wrong_date_is_none(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        " 8:00:00 (lmgrd) TIMESTAMP 13/45/2026\n"
        " 8:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)\n 9:00:00 "
        '(d) OUT: "F" a@h1  \n'
        " 8:00:00 (d) (@d-SLOG@) Time: Wed Mar 04 2026 08:00:00 Sommerzeit\n"
        ' 9:00:00 (d) IN: "F" a@h1  \n',
    )
    assert times(events.filter(pl.col("row_number").is_not_null())) == ["03-02 09:00:00", "03-04 09:00:00"]
    assert summary.moved == 1, "a date that the clock did not announce is counted"


def test_starts_and_exits_are_markers_and_a_reread_is_neither(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        " 8:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)\n"
        " 8:00:01 (lmgrd) Started d (pid 44)\n"
        " 8:00:02 (d) FlexNet Licensing version v11.18.0.0 build 1 x64_n6\n"
        ' 8:30:00 (d) OUT: "11111ACD_F" a@h1  \n'
        " 9:00:00 (d) Rereading license file...\n"
        " 9:00:00 (d) Server started on srv1 for:\t11111ACD_F\n"
        " 9:00:01 (lmgrd) ...Finished rereading\n"
        " 9:30:00 (lmgrd) Shutting down d pid=44 because of signal 15\n"
        ' 9:30:00 (d) IN: "11111ACD_F" a@h1  (SHUTDOWN)\n'
        " 9:30:01 (lmgrd) EXITING DUE TO SIGNAL 15\n",
    )
    markers = events.filter(pl.col("row_number").is_null())
    assert markers.select("operation", "daemon").rows() == [
        ("START", "lmgrd"), ("START", "d"), ("START", "d"), ("EXIT", "d"), ("EXIT", "lmgrd")
    ]  # fmt: skip
    assert summary.rows == 2
    assert summary.markers == 5
    assert set(events["server"]) == {"srv1"}
    assert summary.unexplained == 0


def test_the_list_of_features_tells_packages_components_and_what_stands_alone(tmp_path: Path) -> None:
    _, _, summary = read(
        tmp_path,
        " 8:00:00 (d) Server started on srv1 for:\t\n"
        " 8:00:00 (d) 11111ACD_F (consisting of:\t\t22222ACD_2023_0F \n"
        " 8:00:00 (lmgrd) TIMESTAMP 3/2/2026\n"
        " 8:00:00 (d) 33333ACD_2022_0F) 44444CAM_2022_0F 55555RVT_F (consisting \n"
        " 8:00:00 (d) of:\t66666RVT_2023_0F) \n"
        " 8:00:00 (d) EXTERNAL FILTERS are OFF\n",
    )
    assert summary.packages["11111ACD_F"] == {"22222ACD_2023_0F", "33333ACD_2022_0F"}
    assert summary.packages["55555RVT_F"] == {"66666RVT_2023_0F"}
    assert summary.standalone == {"44444CAM_2022_0F"}
    assert summary.unexplained == 0


def test_reservations_are_no_use_and_reservation_messages_no_rows(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        ' 8:00:00 (d) TIMESTAMP 3/2/2026\n 8:00:00 (d) RESERVE "F" for USER a\n 8:00:01 (d) RESERVING 5 F licenses '
        "for GROUP g\n"
        ' 8:00:02 (d) OUT: "F" RESERVED@h1  \n 8:00:03 (d) OUT: "F" a@h1  (RESERVED)\n'
        ' 8:00:04 (d) DENIED: "F" a@h1  (All licenses are reserved. (-101,147))\n 8:00:05 (d) OUT: "F" a@h1  \n',
    )
    assert events["is_reservation"].to_list() == [True, True, False, False]
    assert summary.rows == 4
    assert summary.classes["reservation"] == 2


def test_a_line_of_no_class_is_counted_and_shown_and_a_broken_event_is_rejected(tmp_path: Path) -> None:
    events, rejected, summary = read(
        tmp_path,
        " 8:00:00 (d) TIMESTAMP 3/2/2026\n 8:00:01 (d) The moon is full\nno clock here\n 8:00:02 (d) OUT: \n"
        ' 8:00:03 (d) OUT: "F" nobody\n 8:00:04 (d) OUT: "F" a@h1  \n',
    )
    assert summary.unexplained == 2
    assert summary.examples == [(3, "no clock here"), (2, "The moon is full")]
    assert rejected["row_number"].to_list() == [1, 2]
    assert events["row_number"].to_list() == [3]
    assert summary.rows == events.height + rejected.height == 3


def test_windows_line_ends_prompts_full_dates_and_a_missing_last_line_end_are_read(tmp_path: Path) -> None:
    events, _, summary = read(
        tmp_path,
        "\ufeff 8:00:00 (lmgrd) TIMESTAMP 3/2/2026\r\n"
        '[root@x]#  8:00:01 (d) OUT: "F" a@h1  \r\n'
        '2026-03-05T09:00:00.123+01:00 (d) OUT: "F" b@h2  \r\n'
        '10:00:00 (d) IN: "F" b@h2  ',
    )
    assert times(events) == ["03-02 08:00:01", "03-05 09:00:00", "03-05 10:00:00"]
    assert events["host"].to_list() == ["h1", "h2", "h2"]
    assert (summary.lines, summary.unexplained) == (4, 0)


def test_bytes_that_are_no_utf8_are_replaced_and_empty_files_have_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "debug.log"
    path.write_bytes(b' 8:00:00 (d) TIMESTAMP 3/2/2026\n 8:00:01 (d) OUT: "F" m\xfcller@h1  \n')
    (batch,) = DebugLog(path).read()
    assert batch.events["user_name"].to_list() == ["m\ufffdller"]
    path.write_bytes(b"")
    assert list(DebugLog(path).read()) == []
    assert list(batches(path)) == []


@pytest.mark.parametrize("batch_bytes", [64, 1000, 1 << 20])
def test_the_size_of_the_pieces_changes_nothing(tmp_path: Path, batch_bytes: int) -> None:
    lines = [" 9:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)"]
    for number in range(300):
        seconds = 32_400 + number * 977
        clock = f"{seconds // 3600 % 24:2d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        lines.append(f'{clock} (d) {"OUT" if number % 2 == 0 else "IN"}: "F" u{number // 2 % 7}@h1  ')
    events, _, summary = read(tmp_path, "\n".join(lines), batch_bytes)
    moments = events["event_at"].to_list()
    assert moments[0] == datetime(2026, 3, 2, 9)
    assert moments[1:] == [datetime(2026, 3, 2, 9) + (moments[2] - moments[1]) * n for n in range(300)]
    assert events["row_number"].to_list() == [None, *range(1, 301)]
    assert events["line_number"].to_list() == list(range(1, 302))
    assert summary.lines == 301


def test_a_log_is_written_in_files_of_bounded_size(tmp_path: Path) -> None:
    text = " 8:00:00 (d) TIMESTAMP 3/2/2026\n" + ' 8:00:01 (d) OUT: "F" a@h1  \n' * 50
    (tmp_path / "debug.log").write_text(text)
    summary = write_log(tmp_path / "debug.log", tmp_path / "out", rows_per_file=10)
    assert summary.rows == 50
    whole = pl.concat([pl.read_parquet(p) for p in sorted((tmp_path / "out").glob("events-*"))])
    assert whole["row_number"].to_list() == list(range(1, 51))
    assert whole.schema == pl.Schema(SCHEMA)
    assert [p.name for p in (tmp_path / "out").glob("rejected-*")] == ["rejected-000001.parquet"]


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public logs are not beside the checkout")
def test_public_logs_have_no_unexplained_line_and_the_known_counts() -> None:
    for path in sorted(PUBLIC.glob("*.log")):
        log = DebugLog(path)
        rows = sum(b.events["row_number"].count() for b in log.read())
        assert log.summary.unexplained == 0, (path.name, log.summary.examples)
        assert rows == log.summary.rows
        assert log.summary.moved == 0, "clock and dated lines agree"
        if "university" in path.name:
            assert log.summary.operations == {"OUT": 8402, "IN": 8400, "UNSUPPORTED": 2}
