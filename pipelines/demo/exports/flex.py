"""Flex exports: token usage, packs, stated balances."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.days import month_days
from pipelines.demo.estate import NAMES, TOKEN_PRICE
from pipelines.demo.exports.files import put, text_of
from pipelines.demo.plants.flex import stated_balances
from pipelines.demo.world import HISTORY, World
from pipelines.partitions import as_of

TOKEN_HEADER = ["Day used", "Email", "First name", "Last name", "Product", "Team", "Feature", "Version", "Tokens used"]
PACK_HEADER = ["pack_id", "team_alias", "tokens", "start_date", "end_date", "amount", "currency"]


def write(world: World, month: str, folder: Path) -> None:
    """Tokens of the last three months (the first drop looks back further), all packs, the balances of the as-of
    date.
    """
    first, last = month_days(month, HISTORY if month == world.months[0] else 2)
    rows = [
        [
            t.day,
            t.person.email,
            t.person.first_name,
            t.person.last_name,
            NAMES[t.offering],
            t.team,
            t.feature,
            "2026",
            t.tokens,
        ]
        for t in world.tokens
        if first <= t.day <= last
    ]
    put(folder / "portal" / "Token usage.csv", text_of(TOKEN_HEADER, rows).encode())
    packs = [[p.pack, p.team, p.tokens, p.start, p.end, p.tokens * TOKEN_PRICE, "EUR"] for p in world.packs]
    put(folder / "portal" / "flex packs.csv", text_of(PACK_HEADER, packs).encode())
    balances = [[team, as_of(month), f"{tokens:.2f}"] for team, tokens in stated_balances(world, month)]
    header = ["team_alias", "balance_date", "tokens_available"]
    put(folder / "portal" / "balance.csv", text_of(header, balances).encode())
