"""Reading for the Polars peer: files as text under short names, and the events of the drops read so far.

Holds no rule and no month.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.peers.tables import TELEMETRY, TOKENS, USAGE


def scan(path: Path, **columns: str) -> pl.LazyFrame:
    """Columns of a CSV file as text, empty as null, under new names; a file or a column that is not there is null."""
    if not path.is_file():
        return pl.LazyFrame(schema=dict.fromkeys(columns, pl.String))
    frame = pl.scan_csv(path, infer_schema=False)
    there = frame.collect_schema().names()
    wanted = [(pl.col(c) if c in there else pl.lit(None, pl.String)).alias(n) for n, c in columns.items()]
    return frame.select(wanted).with_columns(pl.all().replace("", None))


def to_day(column: str) -> pl.Expr:
    """The date at the head of a text."""
    return pl.col(column).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def whom(email: str, hashed: str) -> pl.Expr:
    """The e-mail, else the hash."""
    return pl.coalesce(pl.col(email).str.to_lowercase(), "hash:" + pl.col(hashed))


class Events:
    """Events of the drops read so far, each as the last drop tells it; only days after `since` are kept.

    use: one row per person, offering, product and day; lrt: per event; token: charges; pairs: hashes beside e-mails.
    """

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.use = self.lrt = self.token = self.pairs = pl.DataFrame()
        self.last_day: dict[str, date] = {}

    def read(self, drop: str, since: date) -> None:
        """Add a drop."""
        folder = self.landing / drop
        raw = scan(folder / "usage.csv", **USAGE).with_columns(to_day("day"))
        use = raw.select(whom("email", "hash").alias("who"), "name", "product", "day").unique()
        lrt = scan(folder / "telemetry.csv", **TELEMETRY).select(
            "id",
            to_day("at").alias("day"),
            pl.col("who").str.to_lowercase(),
            "name",
            "device",
            "version",
            pl.col("claim").str.to_lowercase(),
        )
        token = scan(folder / "tokens.csv", **TOKENS).with_columns(
            to_day("day"), pl.col("who").str.to_lowercase(), pl.col("tokens").cast(pl.Float64)
        )
        report = scan(folder / "usage_report.csv", email="email", hash="hashed_autodesk_id", last="last_accessed")
        accessed = report.select(to_day("last").max()).collect().item()
        frames = pl.collect_all(
            [use, lrt, token, raw.select("hash", pl.col("email").str.to_lowercase()).drop_nulls().unique()]
        )
        self.use = self._kept([self.use, frames[0]], since).unique()
        self.lrt = self._replaced(self.lrt, frames[1], ["id"], since)
        self.token = self._replaced(self.token, frames[2], ["team", "name", "feature", "who", "day"], since)
        self.pairs = pl.concat([f for f in (self.pairs, frames[3]) if f.width]).unique()
        days = [f["day"].max() for f in (self.use, self.lrt, self.token)] + [accessed, *self.last_day.values()]
        self.last_day[drop] = max(d for d in days if isinstance(d, date))

    @staticmethod
    def _kept(frames: list[pl.DataFrame], since: date) -> pl.DataFrame:
        return pl.concat([f for f in frames if f.width]).filter(pl.col("day") > since)

    def _replaced(self, old: pl.DataFrame, new: pl.DataFrame, key: list[str], since: date) -> pl.DataFrame:
        """Old rows whose key the new file does not tell, and the new rows."""
        if not old.width:
            return self._kept([new], since)
        return self._kept([old.join(new.select(key).unique(), on=key, how="anti", nulls_equal=True), new], since)
