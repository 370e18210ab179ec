"""Dates for lines that carry only a clock. Holds the rule and its state between batches; which lines are read is
`lines`.

The log names a date on few lines: the start, TIMESTAMP every six hours or so, statistics. Between them a clock that
goes back by more than twelve hours is the next day; the first dated line after midnight can be six hours late, so
carrying the last date forward alone misdates every event between. A step back of less than twelve hours is the autumn
clock change or a correction of the clock: the day stays. Lines before the first dated one are dated backwards from it.
All times are the server's wall time without zone; months come first (m/d/yyyy) whatever the server's locale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from pipelines.contracts.limits import MAX_SERVER_LINE_CHARS

HALF_DAY = 43_200
# A line of another process that was written a moment late, after the first line of the next day.
STRAGGLER = 86_400 - 600
EPOCH = date(1970, 1, 1).toordinal()
CANDIDATE = r"^TIMESTAMP |System Date and Time: |\bstarted on .*\(\s?\d+/\s?\d+/\d{4}\)|-SLOG@\) (?:Start-Date|Time): "
_NUMERIC = re.compile(r"(?:^TIMESTAMP |\bstarted on .*\()\s?(\d{1,2})/\s?(\d{1,2})/(\d{4})")
_WORDS = re.compile(
    r": \w{3} (\w{3}) +(\d{1,2}) (\d{4}) (\d{1,2}):(\d\d):(\d\d)|: \w{3} (\w{3}) +(\d{1,2}) (\d{1,2}):(\d\d):(\d\d) "
    r".*?(\d{4})$"
)
_MONTHS = {
    m: i for i, m in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}


@dataclass
class DateState:
    """What is carried from batch to batch.

    offset: day (since 1970) of the first line of the file as the last dated line implies it, None if none is known;
    days: midnights passed since the first line; clock: seconds of the last line; placed: offset of the last line;
    latest: greatest time since the date last went backwards, seconds since 1970; first: offset of the first dated line;
    anchors: dated lines; disagreeing: those that moved the date.
    """

    offset: int | None = None
    days: int = 0
    clock: int | None = None
    placed: int | None = None
    latest: int | None = None
    first: int | None = None
    anchors: int = 0
    disagreeing: int = 0


@lru_cache(maxsize=4096)
def day_of(message: str, clock: int) -> int | None:
    """Day since 1970 on which a dated message was written at that clock (seconds), None if it names no date that
    exists.
    """
    if len(message) > MAX_SERVER_LINE_CHARS:
        return None
    if found := _NUMERIC.search(message):
        month, day, year = (int(g) for g in found.groups())
        return _day(year, month, day)
    found = _WORDS.search(message.rstrip())
    if found is None:
        return None
    groups = found.groups()
    if groups[0]:
        name, day_text, year_text, *time = groups[:6]
    else:
        name, day_text, *time, year_text = groups[6:]
    result = _day(int(year_text), _MONTHS.get(name.title(), 0), int(day_text))
    if result is None:
        return None
    shown = int(time[0]) * 3600 + int(time[1]) * 60 + int(time[2])
    if shown - clock > HALF_DAY:
        return result + 1
    return result - 1 if clock - shown > HALF_DAY else result


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal() - EPOCH
    except ValueError:
        return None


def date_lines(lines: pl.DataFrame, state: DateState) -> pl.DataFrame:
    """Add event_at and sequence_at (both naive local time, null while no date is known) to lines with clock, day and
    message.

    sequence_at never goes back while the date does not: it orders the repeated hour of the autumn clock change and late
    lines of another process as the file has them. `state` is moved on.
    """
    if not lines.height:
        return lines.with_columns(event_at=pl.lit(None, pl.Datetime("us")), sequence_at=pl.lit(None, pl.Datetime("us")))
    clock = lines["clock"]
    before = clock.shift(1, fill_value=clock[0] if state.clock is None else state.clock)
    step = before - clock
    midnights = (step > HALF_DAY).cast(pl.Int32) - (-step > STRAGGLER).cast(pl.Int32)
    days = midnights.cum_sum() + state.days
    spans = _spans(lines, days, state)
    seconds_parts: list[pl.Series] = []
    sequence_parts: list[pl.Series] = []
    for offset, start, end in spans:
        part = days.slice(start, end - start)
        if offset is None:
            nothing = pl.repeat(None, part.len(), dtype=pl.Int64, eager=True)
            seconds_parts.append(nothing)
            sequence_parts.append(nothing)
            continue
        seconds = (part.cast(pl.Int64) + offset) * 86_400 + clock.slice(start, end - start)
        if state.placed is not None and offset < state.placed:
            state.latest = None
        sequence = seconds.cum_max()
        if state.latest is not None:
            sequence = sequence.clip(lower_bound=state.latest)
        state.placed, state.latest = offset, sequence[-1]
        seconds_parts.append(seconds)
        sequence_parts.append(sequence)
    state.clock, state.days = clock[-1], days[-1]
    return lines.with_columns(
        event_at=(pl.concat(seconds_parts) * 1_000_000).cast(pl.Datetime("us")),
        sequence_at=(pl.concat(sequence_parts) * 1_000_000).cast(pl.Datetime("us")),
    )


def _spans(lines: pl.DataFrame, days: pl.Series, state: DateState) -> list[tuple[int | None, int, int]]:
    """(day on which the file began, first line, line after the last) per stretch of lines that one dated line
    decides.
    """
    dated = lines["message"].str.contains(CANDIDATE) | lines["day"].is_not_null()
    spans: list[tuple[int | None, int, int]] = []
    begin = 0
    for place in dated.arg_true().to_list():
        day = lines["day"][place]
        if day is None:
            day = day_of(lines["message"][place], lines["clock"][place])
        if day is None:
            continue
        state.anchors += 1
        value = day - days[place]
        state.first = value if state.first is None else state.first
        if value == state.offset:
            continue
        state.disagreeing += state.offset is not None
        if place > begin:
            spans.append((state.offset, begin, place))
        state.offset, begin = value, place
    spans.append((state.offset, begin, lines.height))
    return spans
