"""What a page says about outputs that the run could not make: the causes at the top, and a sentence in place of each
missing or outdated table.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from pipelines.failures.omissions import MART, OUTPUT, RULE, Unmade, read


@dataclass(frozen=True)
class Missing:
    """What was not made for a month. causes: (why, what is missing, advice), in order; of: published table → the
    sentence shown in its place.
    """

    causes: list[tuple[str, str, str]] = field(default_factory=list)
    of: dict[str, str] = field(default_factory=dict)


def missing(connection: duckdb.DuckDBPyConnection, review_month: str) -> Missing:
    """What the latest run of the month could not make."""
    found = [u for u in read(connection, "meta.not_made") if u.review_month == review_month]
    took: dict[tuple[str, str], list[str]] = {}
    for one in found:
        words = f"{one.kind} {one.name}" + (f" ({one.stands})" if one.kind != RULE else "")
        took.setdefault((one.why, one.advice), []).append(words)
    causes = [(why, ", ".join(names), advice) for (why, advice), names in took.items()]
    return Missing(causes, {u.name: _sentence(u) for u in found if u.kind in (OUTPUT, MART)})


def _sentence(one: Unmade) -> str:
    if one.kind == OUTPUT and one.former_version is None:
        return (
            f"Not made, and there is none of an earlier run: {one.why}. What is shown as none or zero here is not "
            "known."
        )
    stands = (
        f"Version {one.former_version}, made from the drops up to {one.former_drop}"
        if one.former_version
        else "As an earlier run made it"
    )
    return f"{stands}: this run could not make it, because {one.why}."


def is_absent(connection: duckdb.DuckDBPyConnection, table: str, review_month: str) -> bool:
    """Whether a published table has nothing for the month because it was never made."""
    return any(
        u.review_month == review_month and u.name == table and u.former_version is None and u.kind == OUTPUT
        for u in read(connection, "meta.not_made")
    )
