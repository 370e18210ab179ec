"""Grain: origin of a token forecast: tokens still to be used after the cut up to the target, p10, p50, p90. The method
is in pipelines/forecast.
"""


def model(dbt, session):
    """One row per origin of int_token_origin."""
    from pipelines.forecast.pools import forecast_origins
    from pipelines.relations import arrays, relation_of

    dbt.config(materialized="table")
    number = "date_diff('day', date '2000-01-01', {})::bigint as {}"
    origins = dbt.ref("int_token_origin").project(
        ", ".join(["origin", "pool", *(number.format(c, c) for c in ("history_start", "cut", "target"))])
    )
    days = (
        dbt.ref("int_token_day")
        .join(
            dbt.ref("int_token_origin").project("review_month, team_alias, pool").distinct(), "review_month, team_alias"
        )
        .project(f"pool, {number.format('day', 'day')}, cast(tokens as double) as tokens")
    )
    origin, pool, start, cut, target = arrays(
        origins.order("origin"), "origin", "pool", "history_start", "cut", "target"
    )
    found = forecast_origins(pool, start, cut, target, *arrays(days.order("pool, day"), "pool", "day", "tokens"))
    columns = {"p10": found.p10, "p50": found.p50, "p90": found.p90}
    return relation_of(
        session,
        "token_interval",
        {"origin": ("bigint", origin), **{name: ("decimal(38,2)", values) for name, values in columns.items()}},
    )
