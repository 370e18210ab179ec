"""The pages of the shipped defaults: every offering with its spellings and codes, every collection with its members,
every token rate, each with source, day and certainty.

Made from `dbt_project/seeds/defaults`; holds no default and does not say which of them a month stands on
(`calendar.defaults_used`, `selfaudit doctor`).
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict

from pipelines.guide.markdown import cell, code, table
from pipelines.settings import SEEDS

# What the column `certainty` of a shipped table may say, most certain first.
CERTAINTIES = {
    "certain": "the name itself says so, or it is so by definition",
    "published": "the vendor says so on a public page",
    "observed": "seen in a file, list or log that the vendor's software or portal wrote",
    "secondary": "in public use: resellers, articles, product pages; not confirmed by a file",
    "estimate": "a day, list or meaning that was estimated, on the generous side",
    "contested": "public sources disagree",
}
TABLES = ("offerings", "product_aliases", "collection_members", "flex_rates")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a shipped table, as texts. Raises FileNotFoundError if there is none of that name."""
    with (SEEDS / "defaults" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def default_pages() -> dict[str, str]:
    """Page name → Markdown: an overview, the names and codes, the collections."""
    return {
        "default-names": _overview(),
        "default-names-spellings": _spellings(),
        "default-names-collections": _collections(),
    }


def _overview() -> str:
    found = {name: Counter(row["certainty"] for row in rows_of(name)) for name in TABLES}
    counts = [[code(name), *(str(found[name][c] or "") for c in CERTAINTIES)] for name in TABLES]
    return "\n".join(
        [
            "# Default names, codes and collections\n",
            "Names under which offerings are sold, product line codes, codes of network licences and members of "
            "collections come with the project, since no portal publishes them as a list. Each row has its source, "
            "the day on which it was read, and how sure it is. A row of yours in `landing/reference/` replaces one; "
            "the setting `use_defaults` = false leaves them all out. `selfaudit doctor` and `calendar.defaults_used` "
            "say which of them your figures are based on.\n",
            table(["certainty", "meaning"], [[code(c), cell(text)] for c, text in CERTAINTIES.items()]),
            "Rows by table:\n",
            table(["table", *CERTAINTIES], counts),
            "Token rates:\n",
            table(
                ["offering", "tokens a day", "certainty", "read on", "source"],
                [
                    [code(r["offering_key"]), r["tokens_per_day"], r["certainty"], r["read_on"], cell(r["source"])]
                    for r in rows_of("flex_rates")
                ],
            ),
        ]
    )


def _spellings() -> str:
    spelled: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of("product_aliases"):
        spelled[row["offering_key"]].append(row)
    parts = [
        "# Offerings, their spellings and codes\n",
        "Spellings are normalised: lower case, and `_` for every run of characters other than letters and digits. One "
        "line per source, day and certainty.\n",
    ]
    for offering in sorted(rows_of("offerings"), key=lambda row: row["name"].casefold()):
        key = offering["offering_key"]
        parts.append(f"## {cell(offering['name'])}\n")
        parts.append(
            f"{code(key)}, {offering['kind']}. Name: {offering['certainty']}, {cell(offering['source'])}, read on "
            f"{offering['read_on']}.\n"
        )
        groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in spelled.pop(key, []):
            groups[(row["certainty"], row["source"], row["read_on"])].append(row["alias"])
        rows = [
            [", ".join(map(code, sorted(names))), certainty, cell(source), read_on]
            for (certainty, source, read_on), names in sorted(groups.items())
        ]
        if rows:
            parts.append(table(["read as this offering", "certainty", "source", "read on"], rows))
    return "\n".join(parts)


def _collections() -> str:
    members: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of("collection_members"):
        members[row["collection_key"]].append(row)
    names = {row["offering_key"]: row["name"] for row in rows_of("offerings")}
    parts = [
        "# Collections and their members\n",
        "Whoever holds the collection has a right to the member on the days given; an empty day means no limit. No "
        "list is considered complete: if you know that one is, say so in `collection_coverage`.\n",
    ]
    for key in sorted(members, key=lambda name: (names.get(name) or name).casefold()):
        parts.append(f"## {cell(names.get(key, key))}\n")
        rows = [
            [code(r["member_key"]), r["valid_from"], r["valid_to"], r["certainty"], cell(r["source"]), r["read_on"]]
            for r in members[key]
        ]
        parts.append(table(["member", "from", "to", "certainty", "source", "read on"], rows))
    return "\n".join(parts)
