"""Flex pools: packs, tokens and who used them, and what a ledger that goes day by day says of them (FLX-01 to FLX-10).

The first team's pool runs dry, the second team's pack is hardly touched, the field office's pool has peaks and AI
features.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median

from pipelines.demo.days import days_of
from pipelines.demo.estate import DAYS, FIELD, HARBOUR, RATES, RIVER
from pipelines.demo.plants.telemetry import AI, CLOUD, monthly
from pipelines.demo.records import Pack, Person, Seat, Token
from pipelines.demo.world import World
from pipelines.partitions import as_of

NAVISWORKS = "navisworks_manage"


def plant(world: World) -> None:
    """Pools, their packs and tokens; then the truth, counted over them."""
    _dry_pool(world)
    _field_pool(world)
    _packs(world)
    _plant_ledger(world)
    _plant_shares(world)
    _plant_peaks(world)


def use(world: World, person: Person, pattern: tuple[int, ...], offering: str, team: str = HARBOUR) -> None:
    """Tokens at the rate of an offering on days of every month."""
    for day in days_of(world.first_day, as_of(world.last), pattern):
        world.tokens.append(Token(day, person, team, offering, RATES[offering]))


def _dry_pool(world: World) -> None:
    """The first team: two who would be cheaper with a seat, one nearly so, and four who use tokens once a month."""
    for pattern, kind, note in (
        (DAYS, "violation", "tokens dearer than a seat"),
        (DAYS[:11], "violation", "tokens somewhat dearer than a seat"),
        (DAYS[4:], "near_miss", "tokens dearer than a seat by less than 15 %"),
    ):
        person = world.add(seats=(), on_flex=NAVISWORKS)
        use(world, person, pattern, NAVISWORKS)
        world.plant("USE-04", kind, note, offering=NAVISWORKS, person=person)
        if pattern == DAYS:
            monthly(world, person, NAVISWORKS)
            charged = "use without a seat, charged in tokens"
            world.plant("LRT-07", "near_miss", charged, offering=NAVISWORKS, person=person)
    for number in DAYS[:4]:
        use(world, world.add(seats=()), (number,), NAVISWORKS)
    for days, kind in ((6, "violation"), (5, "near_miss")):
        person = world.add()
        use(world, person, DAYS[:days], "civil_3d")
        note = f"a seat, and {days} days a month of another member on Flex"
        world.plant("USE-05", kind, note, offering="aec_collection", person=person)
    holder = world.add(seats=(Seat(HARBOUR, "revit", world.long_ago),), products=("revit",))
    featured = world.add(seats=(Seat(HARBOUR, "revit", world.long_ago),), products=("revit",))
    odd, even = world.add(seats=()), world.add(seats=())
    for month in world.months:
        day = as_of(month).replace(day=16)
        world.tokens.append(Token(day, holder, HARBOUR, "revit", 10))
        world.tokens.append(Token(day, featured, HARBOUR, "revit", 4, CLOUD))
        world.tokens.append(Token(day, odd, HARBOUR, "autocad", 9))
        world.tokens.append(Token(day, even, HARBOUR, "autocad", 14))
    for rule, person, offering, kind, note in (
        ("FLX-06", holder, "revit", "violation", "tokens despite a seat"),
        ("FLX-06", featured, "revit", "near_miss", "tokens of a feature, despite a seat"),
        ("FLX-05", odd, "autocad", "violation", "nine tokens at a rate of seven"),
        ("FLX-05", even, "autocad", "near_miss", "fourteen tokens at a rate of seven"),
    ):
        world.plant(rule, kind, note, team=HARBOUR, offering=offering, person=person)


def _field_pool(world: World) -> None:
    """The field office: two people take turns, ten tokens a day; a quarter of them for AI features, more in the last
    month; two days of peaks.
    """
    people = [world.add(seats=(), home=FIELD), world.add(seats=(), home=FIELD)]
    days = days_of(world.first_day, as_of(world.last), DAYS)
    for place, day in enumerate(days):
        last = f"{day:%Y-%m}" == world.last
        is_ai = day.day in DAYS[:4] if last else day.day in DAYS[:3]
        world.tokens.append(Token(day, people[place % 2], FIELD, "revit", 10, AI if is_ai else ""))
    for month in sorted({world.middle, world.last}):
        high, over = as_of(month).replace(day=DAYS[-2]), as_of(month).replace(day=DAYS[-1])
        world.tokens.append(Token(high, people[0], FIELD, "revit", 10))
        world.tokens.append(Token(over, people[1], FIELD, "revit", 11, CLOUD))
        world.plant_month(month, "FLX-08", False, "twice the median", team=FIELD, scope=str(high))


def _packs(world: World) -> None:
    """Packs sized by what is used: of the first team's pool some 13 % are left at the end."""
    used = sum(t.tokens for t in world.tokens if t.team == HARBOUR)
    start, end = world.first_day, as_of(world.last)
    middle = as_of(world.middle).replace(day=1)
    world.packs += [
        Pack("FP-1", HARBOUR, used * 90 // 100, start, end + timedelta(days=45)),
        Pack("FP-2", HARBOUR, used * 25 // 100, middle, end + timedelta(days=242)),
        Pack("FP-3", RIVER, 900, start, end + timedelta(days=61)),
        Pack(
            "FP-4", FIELD, 6 * sum(t.tokens for t in world.tokens if t.team == FIELD), start, end + timedelta(days=300)
        ),
    ]


def pool_tokens(world: World, team: str, first: date, last: date) -> Counter[date]:
    """Tokens of a pool by day."""
    days: Counter[date] = Counter()
    for t in world.tokens:
        if t.team == team and first <= t.day <= last:
            days[t.day] += t.tokens
    return days


def pack_balances(world: World, team: str, month: str, run_on: float = 0.0) -> dict[Pack, float]:
    """What is left of each pack at its end, or at the as-of date (with run_on: at the end of the last pack, at so many
    tokens a day from then on).

    Goes day by day: earliest end first, then the smallest, then by name.
    """
    packs = sorted((p for p in world.packs if p.team == team), key=lambda p: (p.end, p.tokens, p.pack))
    left = {p: float(p.tokens) for p in packs}
    used = pool_tokens(world, team, world.first_day, as_of(month))
    day, last = min(p.start for p in packs), max(p.end for p in packs) if run_on else as_of(month)
    while day <= last:
        wanted = float(used[day]) if day <= as_of(month) else run_on
        for pack in packs:
            if pack.start <= day <= pack.end:
                taken = min(wanted, left[pack])
                left[pack] -= taken
                wanted -= taken
        day += timedelta(days=1)
    return left


def velocity(world: World, team: str, month: str) -> float:
    """Mean tokens a day of the last 90 days (every pool is older than that)."""
    end = as_of(month)
    return sum(pool_tokens(world, team, end - timedelta(days=89), end).values()) / 90


def _plant_ledger(world: World) -> None:
    """FLX-01 to FLX-04 of every pool and month."""
    for team in (HARBOUR, RIVER, FIELD):
        packs = [p for p in world.packs if p.team == team]
        for month in world.months:
            end = as_of(month)
            active = [p for p in packs if p.start <= end <= p.end]
            left = pack_balances(world, team, month)
            balance, term_end = sum(left[p] for p in active), max(p.end for p in active)
            pace = velocity(world, team, month)
            runs_dry = pace > 0 and end + timedelta(days=int(balance / pace)) < term_end
            low = balance * 5 < sum(p.tokens for p in active)
            for rule, holds, note in (
                ("FLX-01", runs_dry, f"{balance:.0f} tokens, {pace:.1f} a day"),
                ("FLX-03", low, f"{balance:.0f} tokens left"),
            ):
                world.plant_month(month, rule, holds, note, team=team)
            after = pack_balances(world, team, month, pace)
            for pack in packs:
                expires = (
                    pack.start <= pack.end and end <= pack.end <= end + timedelta(days=90) and after[pack] >= 0.005
                )
                note = f"{after[pack]:.0f} tokens of the pack will be left"
                world.plant_month(month, "FLX-02", expires, note, team=team, scope=pack.pack)
            wrong = team == HARBOUR
            note = "a stated balance of one token" if wrong else "the balance agrees"
            world.plant_month(month, "FLX-04", wrong, note, team=team, scope=str(end))


def stated_balances(world: World, month: str) -> list[tuple[str, float]]:
    """(team, tokens) as the portal states them: of the first team a wrong number, else what the ledger says."""
    end = as_of(month)
    stated = []
    for team in (HARBOUR, RIVER, FIELD):
        left = pack_balances(world, team, month)
        balance = sum(v for p, v in left.items() if p.start <= end <= p.end)
        stated.append((team, 1.0 if team == HARBOUR else balance))
    return stated


def _plant_shares(world: World) -> None:
    """FLX-09 and FLX-10: whose and which tokens make up a pool's month."""
    for team in (HARBOUR, FIELD):
        for month in world.months:
            first, last = as_of(month).replace(day=1), as_of(month)
            rows = [t for t in world.tokens if t.team == team and first <= t.day <= last]
            total = sum(t.tokens for t in rows)
            by_person: Counter[str] = Counter()
            for t in rows:
                by_person[t.person.email] += t.tokens
            for email, tokens in by_person.items():
                most = len(by_person) >= 5 and tokens * 5 > total
                note = f"{tokens} of {total} tokens, {len(by_person)} persons"
                world.plant_month(month, "FLX-09", most, note, team=team, person=email)
            ai = sum(t.tokens for t in rows if t.feature == AI)
            world.plant_month(month, "FLX-10", ai * 4 > total, f"{ai} of {total} tokens for AI", team=team)


def _plant_peaks(world: World) -> None:
    """FLX-08: days far above the four weeks before them."""
    for team in (HARBOUR, FIELD):
        used = pool_tokens(world, team, world.first_day, as_of(world.last))
        for month in world.months:
            for day in sorted(d for d in used if f"{d:%Y-%m}" == month):
                before = [used[d] for n in range(1, 29) if (d := day - timedelta(days=n)) in used]
                if len(before) < 10:
                    continue
                middle = median(before)
                spread = median(abs(v - middle) for v in before)
                if used[day] > middle + 5 * spread and used[day] > 2 * middle:
                    note = f"{used[day]} tokens where {middle:g} are usual"
                    world.plant_month(month, "FLX-08", True, note, team=team, scope=str(day))
