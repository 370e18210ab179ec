"""The models of the licence server against a slow count that replays every line, on invented logs: overlapping files,
starts and exits, reservations, several servers, each DUP_GROUP, a licence that expires within the month.

Holds the slow count and the comparison; both start from the rows that ingestion loaded. Reading of logs has its own
tests.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest.load import load_landing
from tests.conftest import Reviewed
from tests.dbt.project import WAREHOUSE, dbt

START, END, EXPIRY = dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1), dt.date(2026, 10, 15)
GROUPS = {"64300ACD_F": "UH", "64900CIV3D_F": "U", "99999AAA_F": "H", "85950RVT_F": ""}
EXPIRING = "64300ACD_F"
MODELS = (
    "int_month",
    "int_parameter",
    "stg_outside__nlm_log",
    "stg_outside__nlm_licence",
    "path:models/intermediate/nlm",
)
Line = tuple[Any, ...]


def _messages(chance: random.Random, server: str) -> list[tuple[dt.datetime, str]]:
    at = seen = dt.datetime(2026, 8, 28, 7)
    banner = "(lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on {} (IBM PC) ({:%m/%d/%Y})"
    lines = [(at, banner.format(server, at))]
    while at < dt.datetime(2026, 11, 5):
        at += dt.timedelta(seconds=chance.choice([0, 0, 1, 5, 600, 3600, 7200, 20000]))
        if at - seen > dt.timedelta(hours=6):
            lines.append((at, f"(adskflex) TIMESTAMP {at:%m/%d/%Y}"))
            seen = at
        who = f"{chance.choice(['anna', 'Anna', 'bert', 'carl'])}@{chance.choice(['h1', 'h2'])}"
        what = f'"{chance.choice(list(GROUPS))}" {who}'
        many = chance.choice(["", "", "", "  (2 licenses)"])
        text = chance.choices(
            [
                f"(adskflex) OUT: {what}{many}  ",
                f"(adskflex) IN: {what}{many}  ",
                f"(adskflex) DENIED: {what}  (Licensed number of users already reached. (-4,342))",
                '(adskflex) OUT: "64300ACD_F" RESERVED@RESERVED  ',
                "(lmgrd) adskflex exited with status 28",
                banner.format(server, at),
            ],
            [50, 44, 3, 1, 1, 1],
        )[0]
        lines.append((at, text))
    return lines


def _write(folder: Path, seed: int) -> None:
    """Logs cut into files that overlap, most in their month's drop; files after the first do not say which server they
    are of.
    """
    chance = random.Random(seed)
    for server in ("srv1", "srv2") if seed % 3 == 0 else ("srv1",):
        lines = _messages(chance, server)
        begin = 0
        while begin < len(lines):
            end = begin + chance.randint(50, 300)
            part = lines[max(0, begin - chance.choice([0, 20, 40])) : end]
            drop = "2026-10" if part[-1][0] >= START or chance.random() < 0.3 else "2026-09"
            path = folder / drop / f"{server}_{chance.randint(0, 9)}_{begin}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            stamp = [(part[0][0], f"(adskflex) TIMESTAMP {part[0][0]:%m/%d/%Y}")]
            path.write_text("".join(f"{at.hour:2d}:{at:%M:%S} {text}\n" for at, text in [*stamp, *part]))
            begin = end
    licence = ["SERVER srv1 001122334455", "VENDOR adskflex"]
    for feature, letters in GROUPS.items():
        group = f"DUP_GROUP={letters} " if letters else ""
        licence.append(f'INCREMENT {feature} adskflex 1.000 permanent {chance.randint(1, 4)} {group}SIGN="0"')
    licence.append(f'INCREMENT {EXPIRING} adskflex 1.000 15-oct-2026 2 DUP_GROUP=UH SIGN="0"')
    (folder / "2026-10" / "adskflex.lic").write_text("\n".join(licence))


def _each_line_once(rows: list[Line]) -> list[Line]:
    """Of identical lines as many as the file has that has most, in order of time, file and line."""
    named = {r["server"] for r in rows if r["server"]}
    alone = next(iter(named)) if len(named) == 1 else ""
    found: dict[Any, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        row["server"] = row["server"] or alone
        key = (row["event_at"], row["operation"], row["feature"], row["user"], row["host"])
        if row["operation"] in {"START", "EXIT"}:
            key = (row["event_at"], row["operation"], row["daemon"], row["server"])
        found[key][row["file"]].append(row)
    kept = []
    for key, files in found.items():
        most = 1 if key[1] in {"START", "EXIT"} else max(map(len, files.values()))
        for place in range(most):
            same = [f[place] for f in files.values() if len(f) > place]
            kept.append(min(same, key=lambda r: (r["server"] == "", r["file"], r["line"])))
    return sorted(kept, key=lambda r: (r["sequence_at"], r["file"], r["line"]))


class Slow:
    """What is out, line by line: per feature the licences held, each holder once where the DUP_GROUP says so."""

    def __init__(self) -> None:
        self.handles: Counter[tuple] = Counter()
        self.seats: dict[tuple, int] = {}
        self.peaks: dict[tuple[str, bool], int] = defaultdict(int)
        self.denied: Counter[str] = Counter()

    @staticmethod
    def holder(handle: tuple) -> tuple:
        feature, server, daemon, user, host = handle
        letters = GROUPS[feature]
        return (feature, server, daemon, user if "U" in letters else "", host if "H" in letters else "")

    def held(self, feature: str) -> int:
        counted = self.seats if GROUPS[feature] else self.handles
        return sum(n for key, n in counted.items() if key[0] == feature)

    def note(self, feature: str, late: bool) -> None:
        part = (feature, late and feature == EXPIRING)
        self.peaks[part] = max(self.peaks[part], self.held(feature))

    def end(self, server: str, daemon: str) -> None:
        for counted in (self.handles, self.seats):
            for key in [k for k in counted if k[1] == server and daemon in (k[2], "lmgrd")]:
                del counted[key]

    def move(self, row: dict[str, Any]) -> None:
        handle = (row["feature"], row["server"], row["daemon"], row["user"], row["host"])
        holder = self.holder(handle)
        if row["operation"] == "OUT":
            self.handles[handle] += row["licences"]
            self.seats[holder] = max(self.seats.get(holder, 0), row["licences"])
            return
        self.handles[handle] -= min(row["licences"], self.handles[handle])
        if not any(n for key, n in self.handles.items() if self.holder(key) == holder):
            self.seats.pop(holder, None)

    def replay(self, rows: list[dict[str, Any]]) -> None:
        turns = [START, dt.datetime.combine(EXPIRY, dt.time()) + dt.timedelta(1)]
        for row in [*rows, None]:
            while turns and (row is None or row["sequence_at"] >= turns[0]):
                late = turns.pop(0) > START
                for feature in GROUPS:
                    self.note(feature, late)
            if row is None:
                return
            if row["operation"] in {"START", "EXIT"}:
                self.end(row["server"], row["daemon"])
            elif row["operation"] == "DENIED":
                self.denied[row["feature"]] += row["event_at"] >= START
            else:
                self.move(row)
                if row["sequence_at"] >= START:
                    self.note(row["feature"], row["sequence_at"].date() > EXPIRY)


def _loaded(con: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, Any]], dict[str, list[tuple[int, dt.date | None]]]]:
    cursor = con.execute(
        """select _file_no as file, line_number as line, event_at, sequence_at, operation, feature,
            lower(user_name) as user, lower(host) as host,
        licences, lower(daemon) as daemon, lower(server) as server from raw.nlm_log
        where event_at < ? and not is_reservation and operation <> 'UNSUPPORTED' order by 1, 2""",
        [END],
    )
    names = [d[0] for d in cursor.description or []]
    rows = [dict(zip(names, r, strict=True)) for r in cursor.fetchall()]
    issued = defaultdict(list)
    for feature, licences, expires in con.execute(
        "select feature, licences, expires_on from raw.nlm_licence"
    ).fetchall():
        issued[feature].append((licences, expires))
    return rows, issued


@pytest.mark.parametrize("seed", [3, 7])
def test_peaks_and_denials_are_those_of_a_slow_replay(demo: Reviewed, tmp_path: Path, seed: int) -> None:
    warehouse = tmp_path / WAREHOUSE
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", warehouse)
    _write(tmp_path / "landing", seed)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("set TimeZone = 'UTC'")
        for table in ("nlm_log", "nlm_licence", "file_register", "drop_fingerprint", "run_month"):
            con.execute(f"delete from raw.{table}")
        con.execute("insert into raw.run_month values ('2026-10', date '2026-10-31', '2026-10', '2026-10')")
        load_landing(con, tmp_path / "landing", ["2026-09", "2026-10"], tmp_path / "scratch")
        rows, issued = _loaded(con)
    slow = Slow()
    slow.replay(_each_line_once(rows))

    code, said = dbt(tmp_path, "run", "--select", *MODELS)
    assert code == 0, said[-3000:]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = {
            r[0]: r[1:]
            for r in con.execute(
                "select feature_code, peak, issued, denials from intermediate.int_nlm_feature"
            ).fetchall()
        }
    assert sorted(found) == sorted(GROUPS)
    for feature in GROUPS:
        both = [
            (
                slow.peaks[feature, late],
                sum(n for n, until in issued[feature] if until is None or not late),
            )
            for late in ((False, True) if feature == EXPIRING else (False,))
        ]
        worst = max(both, key=lambda p: (p[0] - p[1], p[0]))
        assert found[feature] == (*worst, slow.denied[feature]), (feature, both)
