"""Texts that a spreadsheet with another separator has saved: every line in quotes, or separators of its own at the
ends of lines. Writes such a text anew as it was; recognises nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.ingest.recognise.headers import PEEKED, SEPARATORS, Header, fields, records

CHUNK = 1 << 20
QUOTED_LINES = "every line was in quotes, as a spreadsheet with another separator saves it; the lines in them were read"
FOREIGN_ENDS = "the separators of a spreadsheet at the ends of the lines were left out"
# No text has it.
_NONE = "\x1f"


def without_quotes_around(plain: Path, header: Header, target: Path) -> bool:
    """Write the lines that stand in quotes as fields of one column; whether the text is such a one."""
    if header.match is not None or not header.texts or not any(s in header.texts[0] for s in SEPARATORS):
        return False
    if any(t.strip() for t in header.texts[1:]):
        return False
    with target.open("w", encoding="utf-8", newline="") as out:
        for record in records(plain):
            found = fields(record.text.strip(), _NONE)
            if record.is_too_long or len(found) != 1:
                return False
            out.write(found[0] + "\n")
    return True


def without_foreign_ends(plain: Path, header: Header, target: Path) -> bool:
    """Write the text without the run of another separator in which its header and most of its rows end; whether there
    is one.
    """
    others = "".join(s for s in SEPARATORS if s != header.separator)
    ends = re.search(rf"[^{re.escape(others)}]([{re.escape(others)}])\1*$", header.texts[-1]) if header.texts else None
    if header.match is None or ends is None:
        return False
    run = header.texts[-1][ends.start() + 1 :]
    rows = [r.text.rstrip() for _, r in zip(range(header.before + 1 + PEEKED), records(plain), strict=False)]
    rows = rows[header.before + 1 :]
    if sum(1 for r in rows if r.endswith(run)) * 2 <= len(rows):
        return False
    end = run.encode()
    with plain.open("rb") as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            # A line is not cut in two.
            chunk += source.readline()
            out.write(re.sub(re.escape(end) + rb"(?=\r?\n|$)", b"", chunk))
    return True
