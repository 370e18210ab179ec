"""A landing zone and a warehouse of their own for a test of ingestion, and a file that is as it should be."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema

USERS = "email,first_name,last_name,role,offering_name,team_alias\n"
GOOD = USERS + "ada@firm.example,Ada,A,User,Revit,T\nbo@firm.example,Bo,B,User,Maya,T\n"


class Landing:
    """A folder with drops, loaded into a warehouse in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = duckdb.connect()
        self.con.execute("set TimeZone = 'UTC'")
        ensure_schema(self.con)

    def put(self, name: str, data: bytes | str, drop: str = "2026-10") -> None:
        path = self.folder / "landing" / drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def load(self):
        drops = sorted(p.name for p in (self.folder / "landing").iterdir() if p.name != "reference")
        return load_landing(self.con, self.folder / "landing", drops, self.folder / "scratch")

    def register(self) -> dict[str, tuple]:
        rows = self.con.execute(
            "select path, input, verdict, rows_read, rows_loaded, rows_rejected, rows_duplicate, encoding, message "
            "from raw.file_register where drop <> 'reference'"
        ).fetchall()
        return {r[0]: r[1:] for r in rows}
