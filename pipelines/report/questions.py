"""Questions to resolve first, because rules depend on the answer, read from the published findings.

ENT-14 asks such a question: until it is answered whether a collection contains a product, no rule names the product's
users. No HTML and no layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.report.figures import Figure, figure

OPEN = ["new", "open", "reopened"]
# Maximum number of products in a question; the findings have all of them.
SHOWN = 6


@dataclass(frozen=True)
class Question:
    """Whether a collection contains these products. products: name and number of users, most users first, at most
    SHOWN; all: number of products.
    """

    collection: str
    products: list[tuple[str, Figure]]
    all: Figure

    @property
    def more(self) -> int:
        """Number of products that are not named."""
        return int(self.all.value) - len(self.products)

    def sentence(self) -> str:
        """The question as one line of text."""
        named = ", ".join(f"{name} ({int(persons.value)})" for name, persons in self.products)
        more = f" and {self.more} more" if self.more else ""
        return (
            f"{self.collection}: does it contain {named}{more}? Its holders use them (in brackets: how many "
            "persons), but no table says so."
        )


ANSWER = (
    "Answer in landing/reference: collection_members.csv (it contains it), collection_exclusions.csv (it does not), "
    "or collection_coverage.csv with complete = yes (its list of members is all there is)."
)


def questions(connection: duckdb.DuckDBPyConnection, review_month: str) -> list[Question]:
    """The open questions of a month, one per collection, that with the most products first. Read-only."""
    table = "calendar.findings"
    rows = connection.execute(
        "select f.scope, f.offering_key, coalesce(c.offering_name, replace(f.scope, '_', ' ')), "
        "coalesce(o.offering_name, replace(f.offering_key, '_', ' ')) "
        f"from {table} as f "
        "left join marts.dim_offering as c on c.review_month = f.review_month and c.offering_key = f.scope "
        "left join marts.dim_offering as o on o.review_month = f.review_month and o.offering_key = f.offering_key "
        "where f.review_month = ? and f.rule_id = 'ENT-14' and list_contains(?, f.status) "
        "order by count(*) over (partition by f.scope) desc, f.scope, f.observed desc, f.offering_key",
        [review_month, OPEN],
    ).fetchall()
    found = []
    for scope in dict.fromkeys(row[0] for row in rows):
        where = {"review_month": review_month, "rule_id": "ENT-14", "scope": scope, "status": OPEN}
        mine = [row for row in rows if row[0] == scope]
        products = [
            (name, figure(connection, table, "cast(sum(observed) as bigint)", {**where, "offering_key": key}))
            for _, key, _, name in mine[:SHOWN]
        ]
        found.append(Question(mine[0][2], products, figure(connection, table, "count(*)", where)))
    return found
