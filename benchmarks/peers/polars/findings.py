"""The rules of the Polars peer, each on the facts of one month.

Holds no reading: `month.py` does that.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from benchmarks.peers.polars.month import Month
from benchmarks.peers.polars.read import scan
from benchmarks.peers.tables import COLUMNS

IS_OVER = (pl.col("gap") > 0) & ~pl.col("is_ended")


def findings(month: Month) -> pl.DataFrame:
    """All findings of the month."""
    seats = month.seats()
    position = month.position(seats)
    out = [
        *of_position(month, position),
        *of_seats(month, seats, position),
        after_leaving(month, seats),
        *telemetry(month, seats),
    ]
    return pl.concat(out, how="diagonal_relaxed").select(COLUMNS)


def of_position(month: Month, position: pl.DataFrame) -> list[pl.DataFrame]:
    """ENT-01, ENT-02 and ENT-04."""
    n, day = month.ref.number, month.day
    ent_01 = position.filter(IS_OVER)
    critical = (pl.col("gap_org") > 0) & (
        (pl.col("gap_org") >= n("ENT-01", "critical_seats"))
        | (pl.col("gap_org") >= n("ENT-01", "critical_share") * pl.col("org_entitled"))
    )
    out = [
        ent_01.select(
            *rule("ENT-01"),
            "team",
            "offering_key",
            *numbers("assigned", "entitled", "gap"),
            (pl.col("gap") * pl.col("price")).alias("exposure"),
            pl.when(critical).then(pl.lit("critical")).otherwise(pl.lit("high")).alias("severity"),
        )
    ]
    spare = pl.col("entitled") - pl.col("assigned") - n("ENT-02", "min_stock")
    out.append(
        position.filter(spare > pl.max_horizontal(pl.lit(1.0), n("ENT-02", "share") * pl.col("entitled"))).select(
            *rule("ENT-02"),
            "team",
            "offering_key",
            *numbers("assigned", "entitled", spare),
            (spare * pl.col("price")).alias("exposure"),
            pl.when((pl.col("first_end") - day).dt.total_days() <= n("ENT-02", "notice_days"))
            .then(pl.lit("high"))
            .otherwise(pl.lit("medium"))
            .alias("severity"),
        )
    )
    out.append(
        position.filter("is_ended").select(
            *rule("ENT-04"),
            "team",
            "offering_key",
            *numbers("assigned", "entitled", "gap"),
            (pl.col("gap") * pl.col("price")).alias("exposure"),
            pl.when((day - pl.col("ended")).dt.total_days() <= n("ENT-04", "grace_days"))
            .then(pl.lit("medium"))
            .otherwise(pl.lit("critical"))
            .alias("severity"),
        )
    )
    return out


def of_seats(month: Month, seats: pl.DataFrame, position: pl.DataFrame) -> list[pl.DataFrame]:
    """USE-01, USE-02, USE-07, USE-08, IDN-01 and CON-01."""
    n, day = month.ref.number, month.day
    out = []
    seats = (
        seats.join(
            position.filter(IS_OVER).select("team", "offering_key", pl.lit(True).alias("ent_01")),
            on=["team", "offering_key"],
            how="left",
        )
        .with_columns(pl.col("ent_01").fill_null(False))
        .join(month.last_use(seats), on=["person", "offering_key"], how="left")
        .with_columns(pl.max_horizontal("last", "last_day").alias("last_use"))
        .join(month.people_of(seats), on="person", how="left")
        .with_columns(
            (month.cutoff - pl.col("last_use")).dt.total_days().alias("idle"),
            (day - pl.col("assigned")).dt.total_days().alias("age"),
            (day - pl.max_horizontal("leave", "assigned")).dt.total_days().clip(lower_bound=0).alias("ghost"),
        )
    )
    key = ["team", "offering_key", "person"]
    out.append(
        seats.filter(
            (pl.col("idle") >= n("USE-01", "days"))
            & (pl.col("age").is_null() | (pl.col("age") >= n("USE-01", "min_assigned_days")))
        ).select(
            *rule("USE-01"),
            *key,
            *numbers("idle", n("USE-01", "days")),
            pl.col("price").alias("exposure"),
            pl.when("ent_01").then(pl.lit("high")).otherwise(pl.lit("medium")).alias("severity"),
        )
    )
    out.append(
        seats.filter(pl.col("last_use").is_null() & (pl.col("age") >= n("USE-02", "days"))).select(
            *rule("USE-02"),
            *key,
            *numbers("age", n("USE-02", "days")),
            pl.col("price").alias("exposure"),
            pl.lit("medium").alias("severity"),
        )
    )
    ghost_days = pl.when(pl.col("leave").is_not_null()).then(pl.col("ghost"))
    out.append(
        seats.filter(pl.col("reason").is_not_null())
        .with_columns(ghost_days.alias("ghost"))
        .select(
            *rule("IDN-01"),
            *key,
            pl.col("reason").alias("scope"),
            *numbers("ghost", 0),
            cents(pl.col("price"), pl.col("ghost"), 365).alias("exposure"),
            pl.when((pl.col("ghost") > n("IDN-01", "critical_days")) | pl.col("ent_01"))
            .then(pl.lit("critical"))
            .otherwise(pl.lit("high"))
            .alias("severity"),
        )
    )
    past = (day - pl.col("contract_end")).dt.total_days().alias("past")
    out.append(
        seats.with_columns(past)
        .filter(pl.col("past") > 0)
        .select(
            *rule("CON-01"),
            *key,
            *numbers("past", 0),
            pl.col("price").alias("exposure"),
            pl.lit("critical").alias("severity"),
        )
    )
    collections = (
        seats.select("team", "person", pl.col("offering_key").alias("scope"))
        .join(month.members, left_on="scope", right_on="collection_key")
        .rename({"member_key": "offering_key"})
        .unique()
    )
    out.append(
        seats.join(collections, on=key).select(
            *rule("USE-07"),
            *key,
            "scope",
            *numbers(2, 1),
            pl.col("price").alias("exposure"),
            pl.lit("medium").alias("severity"),
        )
    )
    teams = (
        seats.group_by("offering_key", "person")
        .agg(pl.len().cast(pl.Int64).alias("teams"), pl.col("price").min())
        .filter(pl.col("teams") > 1)
    )
    out.append(
        teams.select(
            *rule("USE-08"),
            "offering_key",
            "person",
            *numbers("teams", 1),
            ((pl.col("teams") - 1) * pl.col("price")).alias("exposure"),
            pl.lit("medium").alias("severity"),
        )
    )
    return out


def after_leaving(month: Month, seats: pl.DataFrame) -> pl.DataFrame:
    """IDN-02: days of use after the day after leaving."""
    gone = month.people_of(seats).filter(~pl.col("in_force") & pl.col("leave").is_not_null()).select("person", "leave")
    used = month.used().filter((pl.col("day") <= month.day) & (pl.col("day") > month.day - timedelta(days=365)))
    days = (
        used.join(gone, on="person")
        .filter(pl.col("day") > pl.col("leave") + timedelta(days=1))
        .group_by("offering_key", "person")
        .agg(pl.col("day").n_unique().cast(pl.Int64))
    )
    return days.select(
        *rule("IDN-02"), "offering_key", "person", *numbers("day", 0), pl.lit("critical").alias("severity")
    )


def telemetry(month: Month, seats: pl.DataFrame) -> list[pl.DataFrame]:
    """LRT-04 and LRT-07."""
    held = month.held(seats)
    lrt = month.events.lrt
    recent = month.named(
        lrt.filter(
            (pl.col("day") <= month.cutoff)
            & (pl.col("day") > month.cutoff - timedelta(days=int(month.ref.number("LRT-04", "days"))))
            & pl.col("device").is_not_null()
        )
        .select("who", "name", "device")
        .unique()
    )
    direct = seats.select("person", "offering_key").unique()
    through = (
        direct.join(month.members, left_on="offering_key", right_on="collection_key")
        .group_by("person", "member_key")
        .agg(pl.col("offering_key").min().alias("through"))
        .rename({"member_key": "offering_key"})
    )
    recent = recent.join(through, on=["person", "offering_key"], how="left").join(
        direct.with_columns(pl.lit(True).alias("is_direct")), on=["person", "offering_key"], how="left"
    )
    recent = recent.with_columns(
        pl.when(pl.col("is_direct").fill_null(False))
        .then(pl.col("offering_key"))
        .otherwise(pl.coalesce("through", "offering_key"))
        .alias("offering_key")
    )
    many = (
        recent.group_by("offering_key", "person")
        .agg(pl.col("device").n_unique().cast(pl.Int64))
        .filter(pl.col("device") > month.ref.number("LRT-04", "devices"))
    )
    out = [
        many.select(
            *rule("LRT-04"),
            "offering_key",
            "person",
            *numbers("device", month.ref.number("LRT-04", "devices")),
            pl.lit("high").alias("severity"),
        )
    ]

    rows = month.named(
        lrt.filter((pl.col("day") >= month.first) & (pl.col("day") <= month.day))
        .select("who", "name", "day", "version", "claim")
        .unique()
    )
    covered = (
        rows.join(held, on=["person", "offering_key"])
        .filter((pl.col("since") <= pl.col("day")) & (pl.col("day") <= pl.col("until")))
        .select("person", "offering_key", "day")
        .unique()
    )
    rows = rows.join(covered, on=["person", "offering_key", "day"], how="anti")
    charged = month.named(month.events.token.filter(pl.col("tokens") > 0).select("who", "name", "day").unique()).select(
        "person", "offering_key", "day"
    )
    rows = rows.join(charged, on=["person", "offering_key", "day"], how="anti")
    release = pl.col("version").str.extract(r"^ *([0-9]+)").cast(pl.Int64)
    licences = month.named(
        scan(month.folder / "perpetual.csv", name="offering_name", version="version", kind="licence_kind")
        .with_columns(pl.lit(None, pl.String).alias("who"))
        .collect()
    )
    licences = (
        licences.with_columns(
            pl.when(pl.col("kind").str.to_lowercase() == "network")
            .then(pl.lit("network"))
            .otherwise(pl.lit("perpetual"))
            .alias("claim")
        )
        .group_by("offering_key", "claim")
        .agg(release.max().alias("licensed"))
    )
    rows = rows.join(licences, on=["offering_key", "claim"], how="left").filter(
        pl.col("licensed").is_null() | (release > pl.col("licensed")).fill_null(False)
    )
    days = (
        rows.group_by("offering_key", "person")
        .agg(pl.col("day").n_unique().cast(pl.Int64))
        .join(month.prices, on="offering_key", how="left")
    )
    out.append(
        days.select(
            *rule("LRT-07"),
            "offering_key",
            "person",
            *numbers("day", 0),
            pl.col("price").alias("exposure"),
            pl.lit("critical").alias("severity"),
        )
    )
    return out


def rule(name: str) -> list[pl.Expr]:
    """The column of the rule."""
    return [pl.lit(name).alias("rule_id")]


def numbers(observed: str | float, threshold: str | float, excess: str | pl.Expr | None = None) -> list[pl.Expr]:
    """observed, threshold, and their difference where the rule names no other excess."""
    a, b = (pl.col(x) if isinstance(x, str) else pl.lit(x) for x in (observed, threshold))
    found = [a.cast(pl.Float64).alias("observed"), b.cast(pl.Float64).alias("threshold")]
    over = a - b if excess is None else pl.col(excess) if isinstance(excess, str) else excess
    return [*found, over.cast(pl.Float64).alias("excess")]


def cents(amount: pl.Expr, times: pl.Expr, over: int) -> pl.Expr:
    """amount x times / over in money, rounded half away from zero; amounts of whole cents."""
    return ((2 * (amount * 100).round().cast(pl.Int64) * times + over) // (2 * over)) / 100
