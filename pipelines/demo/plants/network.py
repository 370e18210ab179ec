"""The network licence server: features checked out beyond what is issued, or denied (ENT-10). A log and a status a
month, and the licence file.
"""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.demo.world import World
from pipelines.partitions import as_of

# feature code: (offering of its alias or "", seats issued, DUP_GROUP)
FEATURES = {
    "99901ACD_2024_0F": ("autocad", 2, ""),
    "99902RVT_2024_0F": ("revit", 2, ""),
    "99903CIV_2024_0F": ("civil_3d", 1, ""),
    "99904MAY_2024_0F": ("maya", 1, ""),
    "99905XTL_2024_0F": ("", 1, ""),
    "99906YTL_2024_0F": ("", 1, "UH"),
    "99907ZTL_2024_0F": ("", 1, ""),
}
ACD, RVT, CIV, MAY, XTL, YTL, ZTL = FEATURES


def plant(world: World) -> None:
    """What the log of every month says of each feature."""
    for code, kind, note in (
        (ACD, "violation", "three users at once, two issued"),
        (RVT, "near_miss", "two users at once, two issued"),
        (CIV, "violation", "denied five times"),
        (MAY, "near_miss", "denied four times"),
        (XTL, "violation", "a code nobody knows, two at once, one issued"),
        (YTL, "near_miss", "three check-outs of one user on one host count once"),
    ):
        world.plant("ENT-10", kind, note, offering=FEATURES[code][0], scope=code.lower())
    after = [m for m in world.months if m > world.middle][:1]
    world.plant("ENT-10", "violation", "one still out from the month before", scope=ZTL.lower(), months=after)


def _line(clock: str, text: str) -> str:
    return f"{clock} (adskflex) {text}\n"


def log_text(world: World, month: str) -> str:
    """The debug log of a month: a start (in the first), the tenth with all its check-outs, and one that lasts into the
    next month.
    """
    first, tenth, last = (as_of(month).replace(day=n) for n in (1, 10, as_of(month).day))
    lines = []
    if month == world.months[0]:
        banner = "FlexNet Licensing (v11.18.0.0 build 275847 x64_n6) started on lic01 (IBM PC)"
        lines.append(f" 7:00:00 (lmgrd) {banner} ({_us(first)})\n")
    lines.append(_line(" 7:00:02", f"TIMESTAMP {_us(first)}"))
    if month in [m for m in world.months if m > world.middle][:1]:
        lines.append(_line(" 8:00:00", f'OUT: "{ZTL}" beta@ws-2  '))
        lines.append(_line(" 9:00:00", f'IN: "{ZTL}" alfa@ws-1  '))
        lines.append(_line(" 9:30:00", f'IN: "{ZTL}" beta@ws-2  '))
    lines += [_line(" 7:00:00", f"TIMESTAMP {_us(tenth)}"), *sorted(_busy_day())]
    lines.append(_line("20:00:00", f"TIMESTAMP {_us(last)}"))
    if month == world.middle:
        lines.append(_line("21:00:00", f'OUT: "{ZTL}" alfa@ws-1  '))
    return "".join(lines)


def _busy_day() -> list[str]:
    """Check-outs in the morning, check-ins at noon, denials between them."""
    lines = []
    for number, (code, users) in enumerate(((ACD, 3), (RVT, 2), (CIV, 1), (MAY, 1), (XTL, 2))):
        for operation, hour in (("OUT", 8), ("IN", 12)):
            for user in range(users):
                clock = f"{hour:2d}:{number:02d}:{user:02d}"
                lines.append(_line(clock, f'{operation}: "{code}" user{user}@ws-{user}  '))
    for operation, hour in (("OUT", 8), ("IN", 12)):
        lines += [_line(f"{hour:2d}:10:0{n}", f'{operation}: "{YTL}" user1@ws-1  ') for n in range(3)]
    reason = "(Licensed number of users already reached. (-4,342))"
    for code, times in ((CIV, 5), (MAY, 4)):
        lines += [_line(f"10:0{n}:{times:02d}", f'DENIED: "{code}" user9@ws-9  {reason}') for n in range(times)]
    return lines


def _us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def licence_text(world: World) -> str:
    """The licence file: an increment a feature. Invented; it has no key."""
    issued = world.long_ago - timedelta(days=1)
    lines = ["SERVER lic01 000000000001 27000\n", "USE_SERVER\n", "VENDOR adskflex port=2080\n"]
    for number, (code, (_, count, group)) in enumerate(FEATURES.items()):
        dup = f"DUP_GROUP={group} " if group else ""
        lines.append(
            f"INCREMENT {code} adskflex 1.000 permanent {count} \\\n"
            f'\tVENDOR_STRING=commercial:permanent {dup}ISSUED={issued:%d-%b-%Y} SN=100-0000000{number} SIGN="0000"\n'
        )
    return "".join(lines)


def status_text(month: str) -> str:
    """`lmutil lmstat -a` at half past ten on the tenth: the users of the log, one of them not, and one licence that is
    borrowed.
    """
    tenth = as_of(month).replace(day=10)
    lines = [
        "lmutil - Copyright (c) 1989-2024 Flexera. All Rights Reserved.\n",
        f"Flexible License Manager status on {tenth:%a} {_us(tenth)} 10:30\n\n",
        "License server status: 27000@lic01\n    License file(s) on lic01: adskflex.lic:\n\n",
        "lic01: license server UP (MASTER) v11.18.0\n\nVendor daemon status (on lic01):\n  adskflex: UP "
        "v11.18.0\nFeature usage info:\n\n",
    ]
    handle = 100
    for number, (code, users) in enumerate(((ACD, 3), (RVT, 2), (CIV, 1), (MAY, 1), (XTL, 2))):
        # Maya has one user more than the log, and Civil 3D's has taken the licence along.
        extra = 1 if code == MAY else 0
        issued = FEATURES[code][1]
        lines.append(
            f"Users of {code}:  (Total of {issued} licenses issued;  Total of {users + extra} licenses in use)\n\n"
        )
        lines.append(
            f'  "{code}" v1.000, vendor: adskflex, expiry: permanent(no expiration date)\n  floating license\n\n'
        )
        for user in range(users + extra):
            handle += 101
            linger = "  (linger: 604800 / 1209600)" if code == CIV else ""
            start = f"start {tenth:%a} {tenth.month}/{tenth.day} 8:{number:02d}"
            lines.append(f"    user{user} ws-{user} ws-{user} (v1.000) (lic01/27000 {handle}), {start}{linger}\n")
        lines.append("\n")
    return "".join(lines)
