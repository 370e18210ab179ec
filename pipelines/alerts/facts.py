"""The facts that alerts stand on, read from the published DuckDB file and the names of the drops. Judges nothing."""

from __future__ import annotations

from contextlib import closing

import duckdb

from pipelines.alerts.conditions import Facts
from pipelines.failures.omissions import read
from pipelines.ingest.landing.files import drops_with_files
from pipelines.reviews.activities import Contract
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

REVIEWS = ("review_month", "activity", "output", "period", "contract_number", "due", "due_on", "state", "signed_off_at")
CLIFFS = ("team_alias", "offering_key", "cliff_date", "excess")
POOLS = ("team_alias", "adequacy", "exhaustion_date", "term_end")


def read_facts(settings: Settings) -> Facts:
    """What is published now, and the drops there are; before the first publication only the drops."""
    drops = drops_with_files(settings.landing)
    if not settings.published_database.is_file():
        return Facts(drops=drops)
    with closing(connect_file(settings.published_database)) as published:
        (last,) = published.execute("select max(review_month) from calendar.rule_runs").fetchall()[0]
        contracts = published.execute(
            "select contract_number, renewal_date from marts.dim_contract where review_month = ? and renewal_date is "
            "not null order by all",
            [last],
        ).fetchall()
        states = published.execute(
            "select review_month, max(state) from calendar.licence_position group by 1 order by 1"
        ).fetchall()
        return Facts(
            drops=drops,
            reviews=_rows(
                published, REVIEWS, "calendar.review_calendar where not is_ahead and (due or review_month = ?)", last
            ),
            contracts=[Contract(number, renewal) for number, renewal in contracts],
            states=dict(states),
            cliffs=_rows(
                published,
                CLIFFS,
                "calendar.compliance_gap_register where review_month = ? and rule_id = 'ENT-05' and status in ('new', "
                "'open', 'reopened')",
                last,
            ),
            pools=_rows(published, POOLS, "calendar.token_forecast where review_month = ?", last),
            not_made=[(u.review_month, u.kind, u.name, u.why) for u in read(published, "meta.not_made")],
        )


def _rows(
    published: duckdb.DuckDBPyConnection, names: tuple[str, ...], source: str, last: str
) -> list[dict[str, object]]:
    rows = published.execute(f"select {', '.join(names)} from {source} order by all", [last]).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
