"""All rules that the oracle knows."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle import adm, cal, con, ent, ent_installed, flx, hub, idn, lrt, use
from tests.oracle.foundations import World
from tests.oracle.terms import Outcome


def rules() -> dict[str, Callable[[World], Outcome]]:
    """Each rule's function by its id."""
    found: dict[str, Callable[[World], Outcome]] = {}
    for family in (idn, use, lrt, ent, ent_installed, con, adm, flx, hub, cal):
        found |= family.RULES
    return found
