"""`make torture`: valid files of every kind, mutated by a seed, through ingestion; looks at what becomes of them.

For every file: no words of a library reach the user, the rows of the register add up, a good file of the same drop is
loaded, and no drop takes longer than so many seconds for each of its files. Prints each finding with the seed and the
number that make it again, and keeps the file. Not a test: a night is 100,000 files. The tests try a few hundred.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import re
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import xlsxwriter

from pipelines.contracts import aliases
from pipelines.demo.generate import FEWEST, generate
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema

DROP, GOOD = "2026-10", "zz good.csv"
SECONDS = 10.0
AT_ONCE = 25
USERS = "email,first_name,last_name,role,offering_name,team_alias,created\n" + "".join(
    f"user{i}@firm.example,Ada {i},Müller,User,Revit,Team {i % 3},2026-0{i % 9 + 1}-11\n" for i in range(30)
)
SUBSCRIPTIONS = (
    "team_alias,contract_number,subscription_id,offering_name,seat_quantity,start_date,end_date,subscription_status\n"
    + "".join(f'T,C{i},S{i},"Revit, or so",{i + 1},2026-01-01,2027-01-0{i % 9 + 1},Active\n' for i in range(20))
)
USAGE = "day_used,offering_name,product_name,version,email,team_alias\n" + "".join(
    f"2026-10-{i % 28 + 1:02d},Revit,Revit,2026,user{i % 9}@firm.example,T\n" for i in range(60)
)
GRAPH = json.dumps(
    {
        "@odata.context": "https://graph.example/v1.0/$metadata#users",
        "value": [
            {"id": str(i), "userPrincipalName": f"user{i}@firm.example", "accountEnabled": i % 2 == 0, "mail": None}
            for i in range(12)
        ],
    }
)
SCIM = json.dumps(
    {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 2,
        "Resources": [
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "id": str(i),
                "userName": f"user{i}@firm.example",
                "emails": [{"value": f"user{i}@firm.example", "primary": True}],
                "active": True,
            }
            for i in range(2)
        ],
    }
)
NDJSON = "\n".join(json.dumps({"email": f"user{i}@firm.example", "offering_name": "Revit"}) for i in range(20))
ADMIN = json.dumps({"request": "/teams/1/users", "body": {"data": [{"id": "1", "email": "user1@firm.example"}]}})
LDIF = (
    "version: 1\n\ndn: CN=A,DC=x\nobjectClass: user\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAA==\n"
    "userPrincipalName: user1@firm.example\nuserAccountControl: 512\nlastLogonTimestamp: 133000000000000000\n"
) * 3
LOG = (
    " 8:00:00 (lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC) (3/2/2026)\n"
    ' 8:00:05 (adskflex) OUT: "64300ACD_F" anna@h1  (2 licenses)\n 8:00:06 (adskflex) TIMESTAMP 3/2/2026\n'
    ' 8:00:06 (adskflex) DENIED: "64300ACD_F" bert@h2  (Licensed number of users already reached. (-4,342))\n'
    ' 8:00:08 (adskflex) IN: "64300ACD_F" anna@h1  \n'
) * 4
LICENCE = (
    "SERVER srv1 001122334455\nUSE_SERVER\nVENDOR adskflex port=2080\n"
    'PACKAGE 64300ACD_F adskflex 1.000 COMPONENTS="87545ACD_2022_0F \\\n\t87393ACD_2021_0F" OPTIONS=SUITE SIGN="0"\n'
    'INCREMENT 64300ACD_F adskflex 1.000 permanent 5 ISSUED=1-jan-2026 SUPERSEDE="64300ACD_F" SN=399-1 SIGN="0"\n'
    'FEATURE OTHER adskflex 1.000 31-dec-2026 2 SIGN="0"\n'
)
STATUS = (
    "lmutil - Copyright (c) 1989-2025 Flexera. All Rights Reserved.\nFlexible License Manager status on Mon 3/2/2026 "
    "11:24\n\nLicense server status: 27000@srv1\nsrv1: license server UP (MASTER) v11.19.9\n\nFeature usage info:\n\n"
    "Users of 64300ACD_F:  (Total of 5 licenses issued;  Total of 1 license in use)\n\n"
    '  "64300ACD_F" v1.000, vendor: adskflex, expiry: permanent(no expiration date)\n\n'
    "    anna h1 h1 (v1.000) (srv1/27000 101), start Mon 3/2 8:00, 3 licenses\n"
)
MANIFEST = "exported_at: 2026-11-03T08:30:00Z\ntimezone: Europe/Berlin\ncomplete: yes\nfilters: {Team: all}\nteam: A\n"
PAGED = json.dumps(
    {
        "@odata.context": "https://graph.example/v1.0/$metadata#groups(displayName,members())",
        "@odata.nextLink": "https://graph.example/v1.0/groups?$skiptoken=x",
        "value": [
            {"id": "1", "displayName": "CAD", "members": [{"id": "2", "userPrincipalName": "user1@firm.example"}]},
            {"id": "3", "displayName": "BIM", "members": [], "members@odata.nextLink": "https://graph.example/3"},
        ],
    }
)
TEAM = {
    "teams": {"data": [{"id": "77", "name": "Team A"}]},
    "teams 77 product-pools": {
        "request": "GET /teams/77/product-pools?offset=0",
        "response": {
            "data": [
                {"teamId": "77", "productId": "9", "productName": "Revit", "totalQuantity": 5, "assignedQuantity": 3}
            ],
            "pagination": {"limit": 100, "offset": 0, "totalResults": 1},
        },
    },
    "teams 77 assignments": {
        "request": "/teams/77/assignments",
        "body": {"data": [{"teamId": "77", "productId": "9", "userId": "1", "assignmentType": "user"}]},
    },
    "teams 77 users": [{"url": "/teams/77/users", "body": {"data": [{"id": "1", "email": "user1@firm.example"}]}}],
}
# What inventories have in the columns of the contract.
INSTALLED = {
    "device_id": "PC-00{n}",
    "product_display_name": "Autodesk Revit 2026",
    "version": "26.0.{n}",
    "publisher": "Autodesk",
    "user_email": "user{n}@firm.example",
    "last_seen_at": "2026-10-0{n} 08:00:00",
    "licence_class": "commercial",
}
# A file of the demo is cut to so many lines, where it is a text; a packed one that is longer is left out.
DEMO_LINES, DEMO_BYTES = 60, 30_000
TOKENS = [
    b"\x00", b'"', b",", b";", b"\n", b"\r", b"\\ud800", b"{", b"[", b"]", b"}", b"null", b"9" * 25, b"-", b"=", b"<",
    b"&", b":", b"''", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"0001-01-01", b"9999-12-31", b"1e999", b"(" * 40,
    b"PK\x03\x04", b"\x1f\x8b", b" " * 50, "²".encode(), b"*", b"&x", b"!!set", b"NaN", b"Infinity", b"1.10E+11",
]  # fmt: skip
WORDS = re.compile(r"\b\w*(?:Error|Exception)\b|reading it failed|bad_cast|Traceback|INTERNAL|codec can't")


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Users")
        for number, line in enumerate(USERS.splitlines()[:8]):
            sheet.write_row(number, 0, line.split(","))
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", USERS)
        archive.writestr("graph.json", GRAPH)
    return out.getvalue()


def _inventories() -> dict[str, bytes]:
    """A table of every tool whose headers of a device inventory are known."""
    tools: dict[str, dict[str, str]] = {}
    with Path(aliases.__file__).with_name("aliases_outside.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["input"] == "device_inventory":
                tools.setdefault(row["generation"], {}).setdefault(row["column"], row["alias"])
    found = {}
    for tool, headers in sorted(tools.items()):
        columns = {**dict.fromkeys(("device_id", "product_display_name")), **headers}
        lines = [",".join(headers.get(c) or c for c in columns)]
        lines += [",".join(INSTALLED[c].format(n=n) for c in columns) for n in range(1, 9)]
        found[f"inventory of {tool}.csv"] = "\n".join(lines).encode()
    return found


def _of_the_demo() -> dict[str, bytes]:
    """The files of a drop of the demo and its tables: a hub in an archive, claims, a directory, invoices, prices."""
    with tempfile.TemporaryDirectory() as folder:
        landing = Path(folder) / "landing"
        generate(landing, persons=FEWEST, months=1, seed=1, last_month=DROP)
        found = {}
        for path in sorted(p for p in landing.rglob("*") if p.is_file() and not p.name.startswith((".", "_"))):
            data = path.read_bytes()
            if path.suffix in (".csv", ".ndjson", ".log") and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
                data = b"".join(data.splitlines(keepends=True)[:DEMO_LINES])
            if 0 < len(data) <= DEMO_BYTES:
                found[f"{path.parent.name} {path.name}"] = data
        return found


@cache
def valid_files() -> dict[str, bytes]:
    """A valid file of every kind, by a name."""
    page = "<html><body><table>" + "".join(
        f"<tr>{''.join(f'<td>{c}</td>' for c in line.split(','))}</tr>" for line in USERS.splitlines()
    )
    return {
        "users.csv": USERS.encode(),
        "users-1252.csv": USERS.replace(",", ";").encode("cp1252"),
        "users-utf16.csv": USERS.replace(",", "\t").encode("utf-16"),
        "subscriptions.csv": SUBSCRIPTIONS.encode(),
        "usage.csv": USAGE.encode(),
        "graph.json": GRAPH.encode(),
        "scim.json": SCIM.encode(),
        "lines.ndjson": NDJSON.encode(),
        "admin.json": ADMIN.encode(),
        "directory.ldif": LDIF.encode(),
        "server.log": LOG.encode(),
        "licence.lic": LICENCE.encode(),
        "lmstat.txt": STATUS.encode(),
        "page.xls": (page + "</table></body></html>").encode(),
        "users.csv.gz": gzip.compress(USERS.encode()),
        "all.zip": _zip(),
        "users.xlsx": _workbook(),
        "groups.json": PAGED.encode(),
        **{f"{name}.json": json.dumps(answer).encode() for name, answer in TEAM.items()},
        **_inventories(),
        **_of_the_demo(),
    }


def mutated(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The bytes changed in one to six places."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 7)):
        at = rng.randrange(len(out) + 1)
        length = rng.choice([1, 2, 8, 40, 400])
        kind = rng.randrange(8)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del out[at : at + length]
        elif kind == 2:
            out[at:at] = rng.choice(TOKENS)
        elif kind == 3:
            out[at:at] = out[at : at + length] * rng.choice([1, 2, 30])
        elif kind == 4:
            other = rng.choice(others)
            start = rng.randrange(len(other))
            out[at:at] = other[start : start + length]
        elif kind == 5 and rng.random() < 0.3:
            del out[at:]
        elif kind == 6:
            found = [m.start() for m in re.finditer(rb"[0-9]+", bytes(out[:20_000]))]
            if found:
                place = rng.choice(found)
                out[place : place + 1] = rng.choice(TOKENS)
        elif kind == 7:
            lines = bytes(out).split(b"\n")
            rng.shuffle(lines) if rng.random() < 0.2 else lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            out = bytearray(b"\n".join(lines))
    return bytes(out)


@dataclass(frozen=True)
class Finding:
    """What went wrong with a file, or with its drop."""

    number: int
    name: str
    what: str


def drops(count: int, seed: int) -> Iterator[list[tuple[int, str, bytes, bytes | None]]]:
    """(number, name, bytes, bytes of a manifest or None) of the files of one drop after the other."""
    files = valid_files()
    names, others = sorted(files), list(files.values())
    made: list[tuple[int, str, bytes, bytes | None]] = []
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        name = names[number % len(names)]
        manifest = mutated(MANIFEST.encode(), [MANIFEST.encode()], rng) if rng.random() < 0.2 else None
        made.append((number, name, mutated(files[name], others, rng), manifest))
        if len(made) == AT_ONCE or number == count - 1:
            yield made
            made = []


def look(made: list[tuple[int, str, bytes, bytes | None]], folder: Path, seconds: float = SECONDS) -> list[Finding]:
    """Load a drop of these files and a good one, and say what went wrong."""
    landing = folder / "landing" / DROP
    shutil.rmtree(folder, ignore_errors=True)
    landing.mkdir(parents=True)
    (landing / GOOD).write_text(SUBSCRIPTIONS.replace("C1", "D1"))
    for number, name, data, manifest in made:
        (landing / f"{number:06d} {name}").write_bytes(data)
        if manifest is not None:
            (landing / f"{number:06d} {name}.manifest.yml").write_bytes(manifest)
    first = made[0][0]
    begin = time.monotonic()
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        ensure_schema(con)
        try:
            load_landing(con, folder / "landing", [DROP], folder / "scratch")
        except Exception as error:  # whatever it is, it is a finding
            return [Finding(first, f"drop from {first}", f"{type(error).__name__}: {error}"[:400])]
        took = time.monotonic() - begin
        found = [] if took < seconds * len(made) else [Finding(first, f"drop from {first}", f"took {took:.0f} s")]
        rows = con.execute(
            "select path, verdict, rows_read, rows_loaded + rows_rejected + rows_duplicate, coalesce(message, '') from "
            "raw.file_register where drop = ? order by path",
            [DROP],
        ).fetchall()
    register = {path: rest for path, *rest in rows}
    if register.get(GOOD, [""])[0] != "loaded":
        found.append(Finding(first, f"drop from {first}", "the good file was not loaded"))
    for number, name, _, _ in made:
        own = [(p, r) for p, r in register.items() if re.split("[!#]", p)[0] == f"{number:06d} {name}"]
        if not own:
            found.append(Finding(number, name, "it has no row of the register"))
        for path, (_, read, accounted, message) in own:
            if read != accounted:
                found.append(Finding(number, path, f"{read} rows read, {accounted} accounted for"))
            if words := WORDS.search(message):
                found.append(Finding(number, path, f"words of a library: {words[0]}: {message[:300]}"))
    return found


def main() -> int:
    """Mutate, load, look; exit code 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, default=Path("build/torture"), help="where files that find something are kept"
    )
    arguments = parser.parse_args()
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        for made in drops(arguments.files, arguments.seed):
            for finding in look(made, Path(scratch) / "data"):
                total += 1
                print(f"seed {arguments.seed}, file {finding.number} ({finding.name}): {finding.what}", flush=True)
                arguments.keep.mkdir(parents=True, exist_ok=True)
                for number, name, data, manifest in made:
                    if number == finding.number:
                        (arguments.keep / f"{arguments.seed}-{number} {name}").write_bytes(data)
                        if manifest is not None:
                            (arguments.keep / f"{arguments.seed}-{number} {name}.manifest.yml").write_bytes(manifest)
    print(f"{arguments.files} files, {total} findings")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
