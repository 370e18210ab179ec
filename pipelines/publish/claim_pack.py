"""The archive of answers to claims, `published/claims/<month>.zip`: three folders (may be shared, may be shared once
counsel has released it, stays internal) with the delivered rows behind each answer.

The marks come from the published tables `claim_answers` and `claim_evidence`; this module judges and sends nothing. The
same publication gives the same bytes. Prices, notes, and rows that support a line that is not accepted are only in
`withhold`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publish.datasets import FORMULA, OUTPUT_ORDER
from pipelines.publish.packs import EPOCH

ANSWERS, EVIDENCE = "claim_answers", "claim_evidence"
MARKS = ("share", "limit", "withhold")
LINE = (
    "claim_id",
    "product",
    "version",
    "claimed_person",
    "device",
    "serial",
    "period",
    "quantity",
    "answer",
    "reason",
)
ROW = ("claim_id", "side", "kind", "day", "input", "drop", "path", "row_number", "sha256")
README = """Answers to the claims of {month}

share/     lines that are contested or out of scope, each with its reason, and the rows that speak against them: the
           vendor's own exports, licences, subscriptions.
limit/     accepted lines, and rows of the company's own records of devices and persons. For counsel to release, line by
           line: accepting is an admission, and each row holds personal data of the line's person or device alone.
withhold/  every line with amounts and notes, lines that cannot be proved, and rows that speak for a line that is not
           accepted. Not for the claimant.

Each row names its file by drop, path and SHA-256, and its place in it (1 = first row of data). manifest.json has the
SHA-256 of every member. The marks follow a rule and are no legal advice; counsel decides.
"""


def claim_pack_path(published: Path, month: str) -> Path:
    """Path of a month's archive."""
    return published / "claims" / f"{month}.zip"


def write_claim_pack(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    scratch: Path,
    month: str,
    own: Mapping[str, str] | None = None,
) -> Path | None:
    """Write the archive of a month by atomic rename and return its path. An unchanged archive is not rewritten; if the
    month no longer has claims, its archive is deleted and None is returned. connection: the warehouse. own:
    schema.table → the table with its real values, for tables that carry pseudonyms.
    """
    target = claim_pack_path(published, month)
    members = claim_files(connection, month, own)
    if not members:
        target.unlink(missing_ok=True)
        return None
    manifest = {
        "review_month": month,
        "members": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(members.items())},
    }
    members["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    scratch.mkdir(parents=True, exist_ok=True)
    part = scratch / f"claims.{month}.zip"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in sorted(members.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode())
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and target.read_bytes() == part.read_bytes():
        part.unlink()
    else:
        part.replace(target)
    return target


def claim_files(
    connection: duckdb.DuckDBPyConnection, month: str, own: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Name → text of the members of a month's archive, without the manifest; {} if the month has no claims. own: as in
    `write_claim_pack`.
    """
    answered, stood_on = ((own or {}).get(f"calendar.{o}", f"calendar.{o}") for o in (ANSWERS, EVIDENCE))
    cursor = connection.execute(
        f"select * from {answered} where review_month = ? order by {', '.join(OUTPUT_ORDER[ANSWERS])}", [month]
    )
    names = [d[0] for d in cursor.description or ()]
    answers = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not answers:
        return {}
    rows = _rows(connection, month, stood_on)
    files = {"README.txt": README.format(month=month)}
    for mark in MARKS:
        everything = mark == MARKS[-1]
        lines = [a for a in answers if everything or a["marking"] == mark]
        columns = [n for n in names if n != "review_month"] if everything else LINE
        files[f"{mark}/answers.csv"] = _csv(columns, ([a[c] for c in columns] for a in lines))
        files[f"{mark}/evidence.csv"] = _csv([*ROW, "row"], ([r[c] for c in [*ROW, "row"]] for r in rows[mark]))
    return files


def _rows(connection: duckdb.DuckDBPyConnection, month: str, stood_on: str) -> dict[str, list[dict[str, Any]]]:
    """Mark → evidence rows in output order, each with the text of the delivered row."""
    wanted = [*ROW, "place", "marking"]
    inputs = connection.execute(
        f"select distinct input from {stood_on} where review_month = ? order by 1", [month]
    ).fetchall()
    found: list[dict[str, Any]] = []
    for (name,) in inputs:
        cursor = connection.execute(
            f"select {', '.join(f'e.{c} as _e_{c}' for c in wanted)}, r.* from {stood_on} as e "
            "inner join raw.file_register as f on f.drop = e.drop and f.path = e.path "
            f"inner join raw.{name} as r on r._file_no = f._file_no and r._row_number = e.row_number "
            "where e.review_month = ? and e.input = ?",
            [month, name],
        )
        columns = [d[0] for d in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(columns, values, strict=True))
            kept = {c: row.pop(f"_e_{c}") for c in wanted}
            found.append(kept | {"row": _as_text(row)})
    order = OUTPUT_ORDER[EVIDENCE]
    found.sort(key=lambda r: [r[c] for c in order])
    return {mark: [r for r in found if r["marking"] == mark] for mark in MARKS}


def _as_text(row: dict[str, Any]) -> str:
    """The non-empty columns of a row as text, without internal ones."""
    return "; ".join(f"{n}: {_cell(v)}" for n, v in row.items() if v is not None and not n.startswith("_"))


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([f"'{v}" if isinstance(v, str) and re.search(FORMULA, v) else v for v in row])
    return text.getvalue()
