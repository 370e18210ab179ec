"""Physical lines of a FlexNet debug log: clock, daemon, message, and the class of every line that is no licence event.

Set-based over batches of text, so that a log of any size is read in bounded memory. Dates are `dating`, licence events
are `debuglog`. Source: FlexNet Licensing, debug log appendix (`hh:mm:ss (daemon) message`) and logs seen of adskflex
11.14 and 11.18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.contracts.limits import MAX_SERVER_LINE_CHARS

BATCH_BYTES = 2 << 20
REGULAR = r"^(?:[ 01]\d|2[0-3]):[0-5]\d:[0-5]\d \([^()\s]+\)"
# A shell prompt before the clock, a date before it (RFC 3339 or y/m/d), fractions, offsets, blanks for leading noughts,
# twelve hours with AM or PM.
CLOCK = r"([01]?\d|2[0-3]):\s?([0-5]?\d):\s?([0-5]?\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?:\s?([AaPp])[Mm])?"
IRREGULAR = r"(?:^|\s)(?:(\d{4}[-/]\d\d[-/]\d\d)[T ])?" + CLOCK + r"\s+\(([^()\s]+)\)(.*)$"
EVENT = r"^(?:OUT|IN|DENIED|UNSUPPORTED):"
# A licence event in a line whose beginning cannot be read.
BROKEN_EVENT = r"(?:^|[\s)])(OUT|IN|DENIED|UNSUPPORTED):\s*(?:\"|\S+\s).*@"

_SERVER_LINE = re.compile(r"\) (?:.*\) started on|Server started on) (\S+) (?:\(|for:)")

# Classes in order of how often they occur; a line belongs to the first that fits. Features of a banner are found by
# `debuglog`.
CLASSES: tuple[tuple[str, str], ...] = (
    ("statistics", r"^\(@\S+-SLOG@\)|^SLOG:"),
    ("timestamp", r"^TIMESTAMP\s"),
    ("blank", r'^[\s"]*$'),
    ("rule", r"^[-=]{5,}\s*$"),
    ("queue", r"^(?:QUEUED|DEQUEUED):"),
    ("reservation", r"^(?i:RESERV(?:E|ED|ING)\b|\d+ RESERVATION)"),
    ("feature_list", r"^(?:\[?NEW\]? )?Server started on|\(consisting of:"),
    (
        "start",
        r"^(?i:FlexNet Licensing|FLEXlm|(?:re)?started \S+|(?:re)?starting |Server's System Date|pid "
        r"\d|Copyright|World Wide Web|"
        r"Detecting other|License server manager \S+ start|lmdown/lmreread|lmgrd tcp-port|lmgrd "
        r"running|INFO:|DPLT:|DRQT:|Listener Thread|"
        r"TCP_NODELAY|EXTERNAL FILTER|Using |License file|\S+ using TCP-port|Client communications revision|This log "
        r"is|Options file|"
        r"Vendor daemon (?:port|version|path)|Unable to initialize access to trusted storage)",
    ),
    (
        "exit",
        r"^(?i:EXITING |SHUTDOWN |Shutdown requested|Shutting down|Shut down|lmgrd will now|daemon shutdown|\S+ "
        r"exited|Server exited|"
        r"Vendor daemon (?:died|exited)|MASTER SERVER died|Server shutdown|SIGCHLD|Removing clients|Loose? of|Killing)",
    ),
    (
        "reread",
        r"^(?i:\.*\s*(?:Done |Finished )?rereading|Reread|Updating feature|=+ ?Reread|=+ ?Warning|=+ "
        r"?ls_|(?:New|Adding|Removing|Removed) feature|"
        r"Feature \S+ (?:added|removed|updated)|License file has|Switching|Switched)",
    ),
    (
        "expiry",
        r"^(?i:EXPIRED|Expired|License (?:for|expires)|Feature \S+ (?:expires|expired)|INVALID|Invalid|Wrong "
        r"hostid|WARNING)",
    ),
    (
        "connection",
        r"^(?i:Connected to|CONNECTED|Lost |Trying |Selected |Retrying|Request |SERVER-OUT|Checkin failed|Checkout "
        r"failed|Failed to|Can'?t |"
        r"Cannot |Could not|Select:|Client |Heartbeat|Connection |accept:|send|recv|ERROR|Error|Multiple "
        r"|In-?active|Quorum|Timed? ?out|Lingering|BORROW)",
    ),
    ("notice", r"^\s\s"),
)


def batches(path: Path, size: int = BATCH_BYTES) -> Iterator[str]:
    """The text of a UTF-8 file in pieces of about `size` bytes that end at a line end. Bytes that are no UTF-8 are
    replaced, never fatal.
    """
    with path.open("rb") as handle:
        rest = handle.read(3)
        rest = b"" if rest == b"\xef\xbb\xbf" else rest
        while piece := handle.read(size):
            piece = rest + piece
            cut = piece.rfind(b"\n") + 1
            if cut == 0 and len(piece) < 8 * size:
                rest = piece
                continue
            cut = cut or len(piece)
            rest = piece[cut:]
            yield piece[:cut].decode("utf-8", "replace").replace("\r\n", "\n")
        if rest:
            yield rest.decode("utf-8", "replace").replace("\r\n", "\n")


def split(text: str, first_line: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(lines with a clock, lines without one) of a piece of a log.

    The first has line_number (first_line = number of the first), clock (seconds since midnight), day (days since 1970
    where the line itself has a date, else null), daemon (without the number of a forked copy), message; the second
    line_number and message. In file order.
    """
    lines = pl.Series("line", [text.removesuffix("\n")]).str.split("\n").explode()
    frame = pl.DataFrame({"line": lines}).with_row_index("line_number", first_line)
    frame = frame.with_columns(pl.col("line_number").cast(pl.Int64))
    regular = frame["line"].str.contains(REGULAR)
    timed = frame.filter(regular).lazy()
    parts = pl.col("line").str.slice(10).str.splitn(")", 2)
    timed = timed.select(
        "line_number",
        clock=_digits(0) * 3600 + _digits(3) * 60 + _digits(6),
        day=pl.lit(None, pl.Int32),
        daemon=parts.struct.field("field_0"),
        message=parts.struct.field("field_1"),
    )
    done = timed.collect()
    other = frame.filter(~regular)
    odd = _irregular(other)
    if odd.height:
        done = pl.concat([done, odd]).sort("line_number")
        other = other.join(odd, on="line_number", how="anti", maintain_order="left")
    done = done.with_columns(
        pl.col("message").str.strip_prefix(" ").fill_null(""), pl.col("daemon").str.replace(r"_\d+$", "")
    )
    return done, other.rename({"line": "message"})


def _digits(offset: int) -> pl.Expr:
    return pl.col("line").str.slice(offset, 2).str.strip_chars_start(" ").cast(pl.Int32)


def _irregular(other: pl.DataFrame) -> pl.DataFrame:
    found = other.filter(pl.col("line").str.contains(IRREGULAR))
    groups = pl.col("line").str.extract_groups(IRREGULAR)
    part = [groups.struct.field(str(i)) for i in range(1, 8)]
    hour, half = part[1].cast(pl.Int32), part[4].str.to_lowercase()
    hour = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    return found.select(
        "line_number",
        clock=hour * 3600 + part[2].cast(pl.Int32) * 60 + part[3].cast(pl.Int32),
        day=part[0].str.replace_all("/", "-").str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32),
        daemon=part[5],
        message=part[6],
    )


def classify(messages: pl.DataFrame) -> tuple[dict[str, int], pl.DataFrame]:
    """(lines per class, the lines that no class explains) of lines that are no licence events."""
    counts: dict[str, int] = {}
    for name, pattern in CLASSES:
        if not messages.height:
            break
        fits = messages["message"].str.contains(pattern)
        number = int(fits.sum())
        if number:
            counts[name] = number
            messages = messages.filter(~fits)
    return counts, messages


def first_server(path: Path) -> str | None:
    """The name of the first server that says in the log that it starts."""
    rest = b""
    with path.open("rb") as handle:
        while piece := handle.read(BATCH_BYTES):
            piece = rest + piece
            place = piece.find(b"started on ")
            while place >= 0 and (end := piece.find(b"\n", place)) >= 0:
                line = piece[piece.rfind(b"\n", 0, place) + 1 : end].decode("utf-8", "replace")
                # A pattern with two open places takes long over a long line.
                if found := _SERVER_LINE.search(line[:MAX_SERVER_LINE_CHARS]):
                    return found[1]
                place = piece.find(b"started on ", end)
            rest = piece[-1024:]
    return None
