"""The vendor daemon's debug log as event rows: OUT, IN, DENIED, UNSUPPORTED, and markers where a daemon starts or
exits.

Reads in batches and keeps no rows: bounded memory (under 200 MB) for a log of any size, at some 50 MB a second. Lines
are `lines`, dates are `dating`; concurrency and denials that were no loss are `sessions`. Knows nothing of landing
zones, contracts or the warehouse.

Traps held here: the reread of a licence file prints "Server started on" again and is no start; a package and its
component write two lines; several licences may go in one line; reservations are no use of a person; IN lines may follow
the daemon's exit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.contracts.limits import MAX_DIGITS
from pipelines.flexnet.dating import DateState, date_lines
from pipelines.flexnet.lines import BATCH_BYTES, BROKEN_EVENT, EVENT, batches, classify, first_server, split

SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "line_number": pl.Int64(),
    "event_at": pl.Datetime("us"),
    "sequence_at": pl.Datetime("us"),
    "operation": pl.String(),
    "feature": pl.String(),
    "user_name": pl.String(),
    "host": pl.String(),
    "licences": pl.Int64(),
    "is_reservation": pl.Boolean(),
    "reason": pl.String(),
    "reason_code": pl.String(),
    "daemon": pl.String(),
    "server": pl.String(),
}
REJECTED: dict[str, pl.DataType] = {
    "row_number": pl.Int64(), "row_text": pl.String(), "column_name": pl.String(), "reason": pl.String()
}  # fmt: skip
EXAMPLES = 20
BANNER_REACH = 40

# Behind the feature a remark may stand in brackets: a version's checksum, PORT_AT_HOST_PLUS. User and host may hold
# single blanks; what follows them (a number of licences, a reason) stands in brackets or behind two blanks.
_PARTS = (
    r'^(OUT|IN|DENIED|UNSUPPORTED):\s*(?:"([^"]+)"|([^\s"]+))\s*(?:\([^()@]*\)\s*)*'
    r"((?:[^\s(\[@].*?)?)@([^\s@()\[\]]*(?: [^\s@()\[\]^]+)*)(?:\s*([(\[^].*?)|\s\s+(.*?))?\s*$"
)
_MARKER = (
    r"^(?i:(?:FlexNet|FLEXlm) Licensing (?:\(v.*started on|version v)|(?:re)?started \S+ \(|EXITING (?:DUE TO|with "
    r"code)|"
    r"\S+ exited with status|Vendor daemon (?:died|exited)|Shutting down \S+ pid)"
)
_NAMED = re.compile(r"(?i)^(?:(?:re)?started|shutting down) (\S+) (?:\(|pid)|^(\S+) exited with")
_SERVER = r"^(?:.*\) started on|Server started on) (\S+) (?:\(|for:)"
_TOKEN = re.compile(r"\(consisting|of:|\)|[\w.+-]+")
_LISTED = re.compile(r"\(consisting|of:|[\w.+-]+\)?|\)")


@dataclass
class LogSummary:
    """What a log is, beside its rows.

    rows: OUT, IN, DENIED and UNSUPPORTED lines (= loaded + rejected); operations: rows per operation; markers: starts
    and exits; packages: package → components, as the daemon lists them when it starts; standalone: features listed in
    no package; classes: lines per class other than events; unexplained: lines of no class, with the first as (line
    number, text); undated: rows without a date; moved: dated lines that contradicted the clock (a silence of more than
    a day, a clock set anew); reporting: False if the daemon says that it reports nothing to Autodesk, None if it says
    nothing.
    """

    lines: int = 0
    rows: int = 0
    rejected: int = 0
    undated: int = 0
    markers: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)
    servers: list[str] = field(default_factory=list)
    daemons: set[str] = field(default_factory=set)
    packages: dict[str, set[str]] = field(default_factory=dict)
    standalone: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None
    anchors: int = 0
    moved: int = 0
    options_file: str | None = None
    reporting: bool | None = None


@dataclass
class Batch:
    """Rows of one stretch of a log: `events` has the columns of SCHEMA (markers: row_number null), `rejected` those of
    REJECTED.
    """

    events: pl.DataFrame
    rejected: pl.DataFrame


class DebugLog:
    """A debug log to be read once with `read`; `summary` is complete when the reading has ended.

    path: UTF-8 text (other bytes are replaced). batch_bytes: size of the pieces, which bounds memory (about thirty
    times it).
    """

    def __init__(self, path: Path, batch_bytes: int = BATCH_BYTES) -> None:
        self.path = path
        self.summary = LogSummary()
        self._batch_bytes = batch_bytes
        self._dates = DateState()
        self._server: str | None = None
        self._banner: dict[str, tuple[int, str | None]] = {}
        self._last_token = ""

    def read(self) -> Iterator[Batch]:
        """Batches in file order. Raises OSError only; what is no event row is counted in the summary."""
        self._look_ahead()
        summary = self.summary
        for text in batches(self.path, self._batch_bytes):
            timed, untimed = split(text, summary.lines + 1)
            summary.lines += timed.height + untimed.height
            is_broken = untimed["message"].str.contains(BROKEN_EVENT)
            self._explain(untimed.filter(~is_broken))
            yield self._batch(date_lines(timed, self._dates), untimed.filter(is_broken))
        summary.anchors, summary.moved = self._dates.anchors, self._dates.disagreeing

    def _look_ahead(self) -> None:
        """Find the first date and the first server name, so that the lines before them have them too."""
        state = DateState()
        for text in batches(self.path, self._batch_bytes):
            date_lines(split(text, 1)[0], state)
            if state.first is not None:
                self._dates.offset = state.first
                break
        self._server = first_server(self.path)

    def _batch(self, timed: pl.DataFrame, broken: pl.DataFrame) -> Batch:
        """broken: lines with a licence event and without a clock; they are rows too, and rejected."""
        summary = self.summary
        is_event = timed["message"].str.contains(f"{EVENT}|{BROKEN_EVENT}")
        rest = timed.filter(~is_event)
        servers = rest.select("line_number", server=pl.col("message").str.extract(_SERVER)).drop_nulls()
        for name in servers["server"].to_list():
            if name not in summary.servers:
                summary.servers.append(name)
        markers = self._markers(rest)
        lines = timed.filter(is_event)
        if broken.height:
            lines = pl.concat([lines, broken], how="diagonal").sort("line_number")
        events = self._events(lines)
        self._explain(rest)
        good, rejected = self._judge(events)
        rows = pl.concat([good.select(*SCHEMA), markers.select(*SCHEMA)])
        rows = _named_server(rows.sort("line_number"), servers, self._server)
        if servers.height:
            self._server = servers["server"][-1]
        if good.height:
            least, greatest = good["event_at"].min(), good["event_at"].max()
            assert isinstance(least, datetime)
            assert isinstance(greatest, datetime)
            summary.first_at = min(summary.first_at or least, least)
            summary.last_at = max(summary.last_at or greatest, greatest)
            summary.daemons.update(good["daemon"].unique().to_list())
        return Batch(rows, rejected)

    def _events(self, lines: pl.DataFrame) -> pl.DataFrame:
        part = pl.col("message").str.extract_groups(_PARTS).struct
        tail = pl.col("tail")
        frame = lines.with_columns(
            operation=part.field("1"),
            feature=pl.coalesce(part.field("2"), part.field("3")),
            user_name=part.field("4"),
            host=part.field("5"),
            tail=pl.coalesce(part.field("6"), part.field("7")),
        )
        frame = frame.with_row_index("row_number", self.summary.rows + 1).with_columns(
            pl.col("row_number").cast(pl.Int64)
        )
        self.summary.rows += frame.height
        operations = (
            frame.group_by(pl.col("message").str.extract(r"(?:^|[\s)])(OUT|IN|DENIED|UNSUPPORTED):")).len().rows()
        )
        self.summary.operations.update(dict(operations))
        plain = frame.filter(tail.is_null() | (tail == "")).with_columns(
            licences=pl.lit(1, pl.Int64), reason=pl.lit(None, pl.String), reason_code=pl.lit(None, pl.String)
        )
        told = frame.filter(tail != "").with_columns(tail.str.replace(r"\s*\^\^\^.*$", ""))
        count = r"(?i)\((\d+)(?: licen[cs]es?)?\)"
        # A number of more digits than any is one stays unread, and its row is rejected; where none stands it is one.
        digits = tail.str.extract(count)
        told = told.with_columns(
            licences=pl.when(digits.is_null())
            .then(1)
            .when(digits.str.contains(rf"^[0-9]{{1,{MAX_DIGITS}}}$"))
            .then(digits.cast(pl.Int64, strict=False))
        )
        said = tail.str.replace(count, "").str.replace(r"^\s*\[[^\]]*\]", "").str.strip_chars()
        told = told.with_columns(reason=said.str.replace(r"^\((.*)\)$", "$1"))
        told = told.with_columns(
            pl.when(pl.col("reason") != "").then(pl.col("reason")),
            reason_code=pl.col("reason").str.extract(r"\((-\d+(?:,\d+)?)[^()]*\)\s*$"),
        )
        frame = pl.concat([plain, told]).sort("line_number") if told.height else plain
        return frame.with_columns(
            pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in ("user_name", "host")
        ).with_columns(
            is_reservation=pl.any_horizontal(
                pl.col("user_name").str.to_uppercase() == "RESERVED",
                pl.col("host").str.to_uppercase() == "RESERVED",
                pl.col("reason").str.contains(r"(?i)\breserv(?:ed|ation)\b") & pl.col("operation").is_in(["OUT", "IN"]),
            ).fill_null(False),
            server=pl.lit(None, pl.String),
        )

    def _judge(self, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        clockless = pl.col("daemon").is_null()
        shapeless = pl.col("operation").is_null() | (pl.col("user_name").is_null() & pl.col("host").is_null())
        shapeless = shapeless & ~clockless
        countless = pl.col("licences").is_null() & ~shapeless & ~clockless
        bad = events.filter(shapeless | clockless | countless | pl.col("event_at").is_null())
        if not bad.height:
            return events, pl.DataFrame(schema=REJECTED)
        self.summary.rejected += bad.height
        self.summary.undated += int(bad["event_at"].is_null().sum())
        rejected = bad.select(
            "row_number",
            row_text="message",
            column_name=pl.when(shapeless)
            .then(pl.lit("user_name"))
            .when(countless)
            .then(pl.lit("licences"))
            .otherwise(pl.lit("event_at")),
            reason=pl.when(shapeless)
            .then(pl.lit("the line does not name a feature, a user and a host"))
            .when(countless)
            .then(pl.lit(f"the number of licences has more than {MAX_DIGITS} digits"))
            .when(clockless)
            .then(pl.lit("the line does not begin with a time of day and the name of a daemon in brackets"))
            .otherwise(pl.lit("the log names no date: no TIMESTAMP line, no start, no statistics")),
        )
        good = ~shapeless & ~clockless & ~countless & pl.col("event_at").is_not_null()
        return events.filter(good), rejected

    def _markers(self, rest: pl.DataFrame) -> pl.DataFrame:
        found = rest.filter(pl.col("message").str.contains(_MARKER))
        self.summary.markers += found.height
        start = pl.col("message").str.contains(r"^(?i:FlexNet|FLEXlm|started|restarted)")
        named = [next((g for g in m.groups() if g), None) if (m := _NAMED.match(t)) else None for t in found["message"]]
        return found.with_columns(
            pl.coalesce(pl.Series("named", named, pl.String), pl.col("daemon")).alias("daemon"),
            operation=pl.when(start).then(pl.lit("START")).otherwise(pl.lit("EXIT")),
            reason=pl.col("message").str.strip_chars(),
            is_reservation=pl.lit(False),
            **{
                n: pl.lit(None, SCHEMA[n])
                for n in ("row_number", "feature", "user_name", "host", "licences", "reason_code", "server")
            },
        )

    def _explain(self, rest: pl.DataFrame) -> None:
        summary = self.summary
        counts, left = classify(rest)
        summary.classes.update(counts)
        if "daemon" not in rest.columns:
            self._unexplained(left.rows())
            return
        lists = (
            rest.filter(pl.col("message").str.contains(r"Server started on|\(consisting of:"))
            if counts.get("feature_list")
            else left.clear()
        )
        told = rest.filter(pl.col("message").str.contains(r"Options file used: |Non Reporting mode"))
        for text in told["message"].to_list():
            if "Non Reporting" in text:
                summary.reporting = False
            else:
                summary.options_file = text.partition("Options file used: ")[2].strip()
        listed = pl.concat([lists, left]).sort("line_number") if lists.height else left
        odd = []
        for number, daemon, text in listed.select("line_number", "daemon", "message").rows():
            if not self._feature_list(number, daemon, text):
                odd.append((number, text))
        self._unexplained(odd)

    def _feature_list(self, number: int, daemon: str, text: str) -> bool:
        """Read a line of the list of features a daemon prints when it starts or rereads; False if it is none."""
        if "Server started on" in text:
            self._banner[daemon] = (number, None)
            text = text.partition(" for:")[2]
        last, package = self._banner.get(daemon, (-BANNER_REACH, None))
        if number - last > BANNER_REACH or not all(_LISTED.fullmatch(t) for t in text.split()):
            return False
        for token in _TOKEN.findall(text):
            if token == "of:":
                continue
            if token == "(consisting":
                package = self._last_token
                self.summary.standalone.discard(package)
                self.summary.packages.setdefault(package, set())
            elif token == ")":
                package = None
            elif package is None:
                self._last_token = token
                self.summary.standalone.add(token)
            else:
                self.summary.packages[package].add(token)
        self._banner[daemon] = (number, package)
        return True

    def _unexplained(self, odd: list[tuple[int, str]]) -> None:
        self.summary.unexplained += len(odd)
        self.summary.examples += odd[: max(0, EXAMPLES - len(self.summary.examples))]


def _named_server(rows: pl.DataFrame, servers: pl.DataFrame, known: str | None) -> pl.DataFrame:
    """Rows with the server whose start was printed last; `known` before the first."""
    if not servers.height:
        return rows.with_columns(server=pl.lit(known, pl.String))
    joined = (
        rows.drop("server")
        .join_asof(servers, on="line_number")
        .with_columns(pl.col("server").fill_null(pl.lit(known, pl.String)))
    )
    return joined.select(*SCHEMA)
