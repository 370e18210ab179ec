"""Valid files of every kind that ingestion recognises, and of kinds that it refuses by name: what `torture` mutates.

Of every input and every table of the company there is at least one, by its contract; of every form that a file can
have (`pipelines/ingest/forms`) at least one. Changes nothing and loads nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
import warnings
import zipfile
from functools import cache
from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.contracts import INPUTS, REFERENCE, Column, Contract, Form, Type, aliases
from pipelines.demo.generate import FEWEST, generate

DROP = "2026-10"
# Names that begin so are laid into the company's own folder, and into the mailbox.
OF_REFERENCE, OF_MAILBOX = "reference ", "decisions "
# A workbook of Excel 97, which nothing here can write.
OLD_WORKBOOK = Path(__file__).parents[1] / "tests" / "data" / "workers_biff.xls"
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
OKTA = json.dumps(
    [
        {
            "id": f"00u{i}",
            "status": "ACTIVE",
            "created": "2024-01-01T00:00:00.000Z",
            "lastLogin": None,
            "profile": {"login": f"user{i}@firm.example", "email": f"user{i}@firm.example", "firstName": "A"},
        }
        for i in range(5)
    ]
)
GOOGLE = json.dumps(
    {
        "kind": "admin#directory#users",
        "users": [
            {
                "id": str(i),
                "primaryEmail": f"user{i}@firm.example",
                "name": {"givenName": "A", "familyName": "B"},
                "suspended": False,
                "aliases": [f"a{i}@firm.example"],
                "externalIds": [{"type": "organization", "value": str(i)}],
                "lastLoginTime": "2026-09-01T08:00:00.000Z",
            }
            for i in range(5)
        ],
    }
)
APPS = json.dumps(
    {
        "value": [
            {
                "id": "a",
                "displayName": "Autodesk Revit 2026",
                "version": "26.0",
                "publisher": "Autodesk",
                "managedDevices": [
                    {"id": "PC-1", "deviceName": "PC-1", "emailAddress": "user1@firm.example"},
                    {"id": "PC-2", "lastSyncDateTime": "2026-10-02T08:00:00Z"},
                ],
            }
        ]
    }
)
HELPER = json.dumps(
    {"hostname": "PC-9", "products": [{"feature_id": "RVT", "def_prod_key": "829N1", "def_prod_ver": "2026.0.0.F"}]}
)
TOKENFLEX = json.dumps(
    {
        "result": {
            "columns": ["usageDate", "productName", "userName", "machineName", "tokensConsumed", "contractNumber"],
            "rows": [["2026-10-01", "Revit", f"user{i}@firm.example", f"PC-{i}", 1.5, "C1"] for i in range(5)],
        }
    }
)
HAR = json.dumps(
    {
        "log": {
            "version": "1.2",
            "entries": [
                {
                    "request": {"method": "GET", "url": "https://api.example/teams/77/users?offset=0"},
                    "response": {
                        "status": 200,
                        "content": {
                            "mimeType": "application/json",
                            "text": json.dumps({"data": [{"id": "1", "email": "user1@firm.example"}]}),
                        },
                    },
                },
                {"request": {"url": "https://api.example/x"}, "response": {"content": {"text": "<html>"}}},
            ],
        }
    }
)
DETAILED = (
    "dn: CN=Müller\\, Anna,OU=CAD,DC=x\nobjectClass: top\nobjectClass: user\nuserPrincipalName: user1@firm.example\n"
    "userAccountControl: 512\ndepartment: a value that is folded over\n  two lines\nwhenCreated: 20240101000000.0Z\n"
    "accountExpires: 9223372036854775807\nmail: user1@firm.example\n\n"
    "dn: CN=CAD,DC=x\nobjectClass: group\ncn: CAD\nmember: CN=Müller\\, Anna,OU=CAD,DC=x\n\n"
    "# numEntries: 2\n"
)
XML_SPREADSHEET = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table><Row><Cell><Data '
    'ss:Type="String">email</Data></Cell></Row></Table></Worksheet></Workbook>'
)
WEB_ARCHIVE = (
    'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html\n\n'
    "<table><tr><td>a</td></tr></table>\n--x--\n"
)
# What a reviewer fills in and lays into the mailbox, as texts of a sheet.
DECISIONS = [
    ["Review", "deprovisioning_list"],
    ["Review month", "2026-10"],
    ["Decided by", "ada@firm.example"],
    [],
    ["Finding id", "Finding ids", "Action id", "Decision", "Until", "Decided by", "Reason for decision"],
    *[[f"{i:016x}", "", "", "accepted", "2027-03-31", "ada@firm.example", "known"] for i in range(8)],
]


def _value(column: Column, number: int) -> str:
    """What a cell of a column may say."""
    if column.values:
        known = [v for v in column.values if v != "unknown"]
        return known[number % len(known)]
    if column.type in (Type.DATE, Type.TIMESTAMP):
        year = 2027 if "to" in column.name.split("_") or "end" in column.name else 2026
        return f"{year}-0{number}-1{number}" + (" 08:00:00" if column.type is Type.TIMESTAMP else "")
    if column.type is Type.EMAIL or column.name == "by":
        return f"user{number}@firm.example"
    if column.type is Type.BOOLEAN:
        return "true"
    if column.type.is_number:
        return str(number) if column.type is Type.INTEGER else f"{number}.5"
    return {"currency": "EUR", "basis": "list", "domain": f"firm{number}.example", "period": "2026-10"}.get(
        column.name, f"{column.name} {number}"
    )


def of_contract(contract: Contract) -> bytes:
    """A CSV with every column of a contract."""
    lines = [contract.column_names, *([_value(c, n) for c in contract.columns] for n in range(1, 9))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue().encode()


def _of_contracts() -> dict[str, bytes]:
    """A file of every input that is a table, and of every table of the company, by its contract."""
    inputs = {f"{name} by contract.csv": of_contract(c) for name, c in INPUTS.items() if c.form is Form.TABLE}
    return inputs | {f"{OF_REFERENCE}{name}.csv": of_contract(c) for name, c in REFERENCE.items()}


def workbook(*sheets: tuple[str, list[list[str]]]) -> bytes:
    """A workbook of Excel with these sheets."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def archive(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, data in members:
            with warnings.catch_warnings(action="ignore"):  # two members of one name are meant
                made.writestr(zipfile.ZipInfo(name, (2026, 10, 1, 0, 0, 0)), data, packing)
    return out.getvalue()


def _rows(text: str, most: int = 9) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))[:most]


def _open_document(rows: list[list[str]]) -> bytes:
    """A workbook of LibreOffice with one sheet."""
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in row)
        + '<table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
        for row in rows
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return archive(
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.encode()),
        ("META-INF/manifest.xml", b"<manifest/>"),
    )


def _parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame({"email": ["user1@firm.example"], "nested": [{"a": [1, 2]}]}).write_parquet(out)
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


def _page(text: str) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in _rows(text, 99))
    return f"<html><body><table>{rows}</table></body></html>"


def _texts() -> dict[str, bytes]:
    """The same list as a text of every separator and encoding."""
    cyrillic = USERS.replace("Müller", "Иванов Фёдор")
    return {
        "users.csv": USERS.encode(),
        "users-bom.csv": USERS.encode("utf-8-sig"),
        "users-1252.csv": USERS.replace(",", ";").encode("cp1252"),
        "users-1250.csv": USERS.replace("Müller", "Dvořák Němcová").encode("cp1250"),
        "users-1251.txt": cyrillic.replace(",", ";").encode("cp1251"),
        "users-932.csv": USERS.replace("Müller", "山田太郎").encode("cp932"),
        "users-gb.csv": USERS.replace("Müller", "王小明").encode("gb18030"),
        "users-utf16.csv": USERS.replace(",", "\t").encode("utf-16"),
        "users-utf16be.csv": b"\xfe\xff" + USERS.replace(",", "\t").encode("utf-16-be"),
        "users.tsv": USERS.replace(",", "\t").replace("\n", "\r\n").encode(),
        "users-bars.txt": USERS.replace(",", "|").encode(),
        "users-sep.csv": ("sep=;\r\n" + USERS.replace(",", ";")).encode(),
        "users-titles.csv": (
            "Users of the team\nFilter: Team = all\n\n" + USERS + "Total,30\n(30 rows affected)\n"
        ).encode(),
        "users-ruled.txt": USERS.replace("\n", "\n----- | -----\n", 1).encode(),
    }


def _workbooks() -> dict[str, bytes]:
    several = workbook(
        ("Filters", [["Filter", "Value"], ["Team", "all"]]),
        ("Users", _rows(USERS)),
        ("Subscriptions", [["Subscriptions"], [], *_rows(SUBSCRIPTIONS)]),
        ("Notes", [["call Ada"]]),
    )
    return {
        "users.xlsx": workbook(("Users", _rows(USERS))),
        "several.xlsx": several,
        "workers.xls": OLD_WORKBOOK.read_bytes(),
        "users.ods": _open_document(_rows(USERS)),
        "page.xls": _page(USERS).encode(),
        "page-1251.xls": _page(USERS.replace("Müller", "Иванов"))
        .replace("<body>", '<head><meta charset="windows-1251"></head><body>')
        .encode("cp1251"),
        "spreadsheet.xls": XML_SPREADSHEET.encode(),
        "archive.xls": WEB_ARCHIVE.encode(),
        f"{OF_MAILBOX}filled.xlsx": workbook(("Findings", DECISIONS), ("About", [["a", "b"]])),
        f"{OF_MAILBOX}filled.csv": "\n".join(";".join(row) for row in DECISIONS).encode(),
        f"{OF_MAILBOX}filled.ods": _open_document(DECISIONS),
    }


def _archives() -> dict[str, bytes]:
    inner = archive(("users.csv", USERS.encode()))
    return {
        "users.csv.gz": gzip.compress(USERS.encode(), mtime=0),
        "users.gz.gz": gzip.compress(gzip.compress(USERS.encode(), mtime=0), mtime=0),
        "all.zip": archive(("users.csv", USERS.encode()), ("graph.json", GRAPH.encode())),
        "nested.zip": archive(("a/b/inner.zip", inner), ("c.csv.gz", gzip.compress(USAGE.encode(), mtime=0))),
        "bzip2.zip": archive(("users.csv", USERS.encode()), packing=zipfile.ZIP_BZIP2),
        "lzma.zip": archive(("users.csv", USERS.encode()), packing=zipfile.ZIP_LZMA),
        "stored.zip": archive(("users.csv", USERS.encode()), ("m.xlsx", workbook(("U", _rows(USERS)))), packing=0),
        "hostile names.zip": archive(
            ("../../users.csv", USERS.encode()),
            ("/etc/usage.csv", USAGE.encode()),
            ("C:\\a\\..\\subscriptions.csv", SUBSCRIPTIONS.encode()),
            ("a\nb\u202e.csv", b"x"),
            ("../../users.csv", b"email,first_name\n"),
        ),
    }


@cache
def valid_files() -> dict[str, bytes]:
    """A valid file of every kind, by a name."""
    found = {
        **_texts(),
        **_workbooks(),
        **_archives(),
        "subscriptions.csv": SUBSCRIPTIONS.encode(),
        "usage.csv": USAGE.encode(),
        "graph.json": GRAPH.encode(),
        "graph-utf16.json": GRAPH.encode("utf-16"),
        "apps.json": APPS.encode(),
        "scim.json": SCIM.encode(),
        "okta.json": OKTA.encode(),
        "google.json": GOOGLE.encode(),
        "helper.json": HELPER.encode(),
        "tokenflex.json": TOKENFLEX.encode(),
        "lines.ndjson": NDJSON.encode(),
        "admin.json": ADMIN.encode(),
        "admin.har": HAR.encode(),
        "directory.ldif": LDIF.encode(),
        "groups.ldif": DETAILED.encode(),
        "directory-utf16.ldif": DETAILED.encode("utf-16"),
        "server.log": LOG.encode(),
        "licence.lic": LICENCE.encode(),
        "lmstat.txt": STATUS.encode(),
        "table.parquet": _parquet(),
        "groups.json": PAGED.encode(),
        **{f"{name}.json": json.dumps(answer).encode() for name, answer in TEAM.items()},
        **_inventories(),
        **_of_contracts(),
    }
    # Of a table of the company that both have, the demo's is the one that fits the others.
    return {**found, **_of_the_demo()}
