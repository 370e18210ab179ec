"""Texts of the licence server on their way into the warehouse: recognition by content, arithmetic of rows, lineage,
archives, time zones.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

from tests.unit.ingest.landing import Landing

LOG = (
    " 8:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)\n"
    ' 8:00:05 (adskflex) OUT: "64300ACD_F" anna@h1  \n'
    ' 8:00:06 (adskflex) DENIED: "64300ACD_F" bert@h2  (Licensed number of users already reached. (-4,342))\n'
    ' 8:00:07 (adskflex) UNSUPPORTED: "87537INVPROSA_2022_0F" (00B0 EF6E ) bert@h2  (No such feature exists. '
    "(-5,346))\n"
    ' 8:00:08 (adskflex) IN: "64300ACD_F" anna@h1  \n'
)
LICENCE = (
    "SERVER srv1 001122334455\nUSE_SERVER\nVENDOR adskflex port=2080\n"
    'PACKAGE 64300ACD_F adskflex 1.000 COMPONENTS="87545ACD_2022_0F \\\n\t87393ACD_2021_0F" OPTIONS=SUITE SIGN="0"\n'
    "INCREMENT 64300ACD_F adskflex 1.000 permanent 5 \\\n\tVENDOR_STRING=commercial:permanent DUP_GROUP=UH SN=399-1 "
    'SIGN="0"\n'
    'FEATURE OTHER adskflex 1.000 31-dec-2026 2 SIGN="0"\n'
)
STATUS = (
    "lmutil - Copyright (c) 1989-2025 Flexera. All Rights Reserved.\nFlexible License Manager status on Mon 3/2/2026 "
    "11:24\n\n"
    "License server status: 27000@srv1\nsrv1: license server UP (MASTER) v11.19.9\n\nFeature usage info:\n\n"
    "Users of 64300ACD_F:  (Total of 5 licenses issued;  Total of 1 license in use)\n\n"
    '  "64300ACD_F" v1.000, vendor: adskflex, expiry: permanent(no expiration date)\n\n'
    "    anna h1 h1 (v1.000) (srv1/27000 101), start Mon 3/2 8:00\n"
)


def test_each_text_is_recognised_by_its_content_and_its_rows_are_those_the_register_counts(landing: Landing) -> None:
    landing.put("a.csv", LOG)
    landing.put("b.txt", LICENCE)
    landing.put("c", STATUS)
    landing.load()
    register = landing.register()
    assert register["a.csv"][:6] == ("nlm_log", "loaded", 4, 4, 0, 0)
    assert register["b.txt"][:6] == ("nlm_licence", "loaded", 2, 2, 0, 0)
    assert register["c"][:6] == ("nlm_status", "loaded", 1, 1, 0, 0)


def test_a_data_folder_may_have_a_name_that_would_be_a_pattern_of_files(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "[licences] *?{a}")
    landing.put("a.log", LOG)
    landing.put(
        "users.csv", "email,first_name,last_name,role,offering_name,team_alias\nada@firm.example,Ada,A,User,Revit,T\n"
    )
    landing.put(
        "ragged.csv",
        "email,first_name,last_name,role,offering_name,team_alias\nada@firm.example,Ada\n"
        + "bo@firm.example,Bo,B,User,Maya,T\n" * 30,
    )
    landing.load()
    assert {path: row[1:5] for path, row in landing.register().items()} == {
        "a.log": ("loaded", 4, 4, 0),
        "users.csv": ("loaded", 1, 1, 0),
        "ragged.csv": ("loaded", 31, 30, 1),
    }


def test_rows_keep_file_and_number_and_a_start_of_the_daemon_has_none_of_its_own(landing: Landing) -> None:
    landing.put("x.log", LOG)
    landing.load()
    found = landing.con.execute(
        "select operation, _row_number, _src - _file_no * 10000000000, event_at, server from raw.nlm_log order by "
        "line_number"
    ).fetchall()
    assert found == [
        ("START", None, 5_000_000_001, datetime(2026, 3, 2, 8), "srv1"),
        ("OUT", 1, 1, datetime(2026, 3, 2, 8, 0, 5), "srv1"),
        ("DENIED", 2, 2, datetime(2026, 3, 2, 8, 0, 6), "srv1"),
        ("UNSUPPORTED", 3, 3, datetime(2026, 3, 2, 8, 0, 7), "srv1"),
        ("IN", 4, 4, datetime(2026, 3, 2, 8, 0, 8), "srv1"),
    ]


def test_a_package_is_kept_beside_the_lines_that_count(landing: Landing) -> None:
    landing.put("x.lic", LICENCE)
    landing.load()
    found = landing.con.execute(
        "select kind, feature, licences, dup_group, components, _row_number from raw.nlm_licence order by line_number"
    ).fetchall()
    assert found == [
        ("PACKAGE", "64300ACD_F", None, None, "87545ACD_2022_0F;87393ACD_2021_0F", None),
        ("INCREMENT", "64300ACD_F", 5, "UH", None, 1),
        ("FEATURE", "OTHER", 2, None, None, 2),
    ]


def test_a_bad_line_is_rejected_with_its_number_and_never_stops_the_good_ones(landing: Landing) -> None:
    good = "".join(f' 8:{i // 60:02}:{i % 60:02} (adskflex) OUT: "F" u{i}@h\n' for i in range(10, 110))
    landing.put("x.log", LOG + good + ' 9:00:00 (adskflex) OUT: "F" nobody\n')
    landing.load()
    assert landing.register()["x.log"][:6] == ("nlm_log", "loaded", 105, 104, 1, 0)
    assert landing.con.execute("select row_number, row_text, input from raw.rejected_rows").fetchall() == [
        (105, 'OUT: "F" nobody', "nlm_log")
    ]


def test_a_log_without_any_date_is_refused_as_a_whole(landing: Landing) -> None:
    landing.put("x.log", "".join(LOG.splitlines(keepends=True)[1:]))
    landing.load()
    assert landing.register()["x.log"][:6] == ("nlm_log", "rejected", 4, 0, 4, 0)
    assert landing.con.execute("select count(*) from raw.nlm_log").fetchall() == [(0,)]


def test_archives_are_opened_and_the_same_bytes_count_once(landing: Landing) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("debug.log", LOG)
    landing.put("a.log", LOG)
    landing.put("b.zip", buffer.getvalue())
    landing.put("c.log.gz", gzip.compress(LICENCE.encode()))
    landing.put("d.txt", STATUS.replace("\n", "\r\n").encode("utf-16"))
    landing.load()
    register = landing.register()
    assert register["a.log"][1:6] == ("loaded", 4, 4, 0, 0)
    assert register["b.zip!debug.log"][1:6] == ("duplicate", 4, 0, 0, 4)
    assert register["c.log.gz"][:2] == ("nlm_licence", "loaded")
    assert register["d.txt"][:2] == ("nlm_status", "loaded")


def test_the_clock_of_a_log_is_that_of_the_manifests_time_zone(landing: Landing) -> None:
    landing.put("x.log", LOG)
    landing.put("_manifest.yml", "timezone: Europe/Madrid\n")
    landing.load()
    assert landing.con.execute("select min(event_at) from raw.nlm_log").fetchall() == [(datetime(2026, 3, 2, 7),)]


def test_a_manifest_says_what_a_text_is(landing: Landing) -> None:
    landing.put("x.log", 'INCREMENT "A" adskflex\n')
    landing.put("x.log.manifest.yml", "input: nlm_licence\n")
    landing.put("y.log", LOG)
    landing.put("y.log.manifest.yml", "input: users\n")
    landing.load()
    register = landing.register()
    assert register["x.log"][:6] == ("nlm_licence", "rejected", 1, 0, 1, 0)
    assert register["y.log"][1] == "unrecognised"


def test_a_table_that_quotes_such_lines_stays_a_table(landing: Landing) -> None:
    landing.put("x.csv", 'email,role,offering_name,team_alias\na@x.example,"OUT: ""F"" a@h",Revit,T\n')
    landing.load()
    assert landing.register()["x.csv"][:2] == ("users", "loaded")


def test_a_list_of_the_licence_file_is_refused_with_the_command_that_asks_the_server(landing: Landing) -> None:
    landing.put(
        "lmstat i.txt",
        "NOTE: lmstat -i does not give information from the server,\n      but only reads the license file.  For this "
        "reason,\n      lmstat -a is recommended instead.\n\n"
        "Feature     Version     #licenses    Vendor        Expires\n_______     _________   _________    ______      "
        "  ________\n64300ACD_F  1.000  10  adskflex  permanent\n",
    )
    landing.load()
    name, verdict, *_ = landing.register()["lmstat i.txt"]
    (message,) = landing.con.execute("select message from raw.file_register").fetchone()
    assert (name, verdict) == ("nlm_status", "rejected") and "Run `lmutil lmstat -a`" in message


def test_a_server_that_does_not_answer_makes_its_text_a_part_and_none_of_its_numbers_a_nought(landing: Landing) -> None:
    head = (
        "lmutil - Copyright (c) 1989-2020 Flexera. All Rights Reserved.\nFlexible License Manager status on Fri "
        "10/30/2026 16:03\n\n"
    )
    landing.put("down.txt", f"{head}Error getting status: Cannot read data from license server system. (-16,287)\n")
    landing.put("up.txt", STATUS)
    landing.load()
    register = landing.con.execute(
        "select path, verdict, complete, incomplete_reason from raw.file_register order by path"
    ).fetchall()
    assert register[1] == ("up.txt", "loaded", "yes", None)
    assert register[0][:3] == ("down.txt", "loaded", "no")
    assert "did not answer (Cannot read data from license server system. (-16,287))" in register[0][3]
    assert landing.con.execute("select kind, in_use from raw.nlm_status where kind = 'silent'").fetchall() == [
        ("silent", None)
    ]
