"""Debug logs and licence files of the random estate: overlapping logs, restarts, denials, DUP_GROUP."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

CODES = ("64300ACD_F", "64900CIV3D_F", "99999NEW_F")
START = "(lmgrd) FlexNet Licensing (v11.18.0.0 build 1 x64_n6) started on srv1 (IBM PC)"


def events(rng: random.Random, months: list[date]) -> list[tuple[datetime, str]]:
    """All lines of the server, in order, without clock."""
    lines: list[tuple[datetime, str]] = []
    moment = datetime.combine(months[0].replace(day=1), datetime.min.time()) - timedelta(days=3)
    last = datetime.combine(months[-1], datetime.max.time()) + timedelta(days=1)
    out: list[str] = []
    while moment < last:
        moment += timedelta(seconds=rng.choice((1, 1, 60, 7200, 40000, 90000, 200000)))
        who = f"{rng.choice(('anna', 'Bert', 'carl', 'dora'))}@{rng.choice(('h1', 'H2', 'h3'))}"
        code, dice = rng.choice(CODES), rng.random()
        if dice < 0.5:
            lines.append((moment, f'(adskflex) OUT: "{code}" {who}  '))
            out.append(f'(adskflex) IN: "{code}" {who}  ')
        elif dice < 0.8 and out:
            lines.append((moment, out.pop(rng.randrange(len(out)))))
        elif dice < 0.83:
            lines.append((moment, "START"))
            out.clear()
        else:
            lines.append(
                (moment, f'(adskflex) DENIED: "{code}" {who}  (Licensed number of users already reached. (-4,342))')
            )
    return lines


def write(rng: random.Random, folder: Path, lines: list[tuple[datetime, str]], as_of: date) -> None:
    """Two overlapping logs up to the as-of date, and a licence file."""
    folder.mkdir(parents=True, exist_ok=True)
    first = as_of.replace(day=1) - timedelta(days=3)
    here = [(m, t) for m, t in lines if first <= m.date() <= as_of + timedelta(days=1)]
    for name, part in (("a", here[: len(here) * 2 // 3]), ("b", here[len(here) // 3 :])):
        text, today = [], None
        for moment, line in part:
            clock = f"{moment.hour:2d}:{moment.minute:02d}:{moment.second:02d}"
            day = f"{moment.month}/{moment.day}/{moment.year}"
            if moment.date() != today:
                today = moment.date()
                text.append(f"{clock} (adskflex) TIMESTAMP {day}")
            text.append(f"{clock} {START} ({day})" if line == "START" else f"{clock} {line}")
        if part:
            (folder / f"debug_{name}.log").write_text("\n".join(text) + "\n")
    if rng.random() < 0.8:
        groups = ("", " DUP_GROUP=UH", " DUP_GROUP=U", " DUP_GROUP=H")
        increments = "".join(
            f'INCREMENT {c} adskflex 1.000 permanent {rng.choice((1, 2, 3))}{rng.choice(groups)} SN={i} SIGN="0"\n'
            for i, c in enumerate(CODES[:2])
        )
        (folder / "adskflex.lic").write_text(
            f"SERVER srv1 001122334455\nUSE_SERVER\nVENDOR adskflex port=2080\n{increments}"
        )
