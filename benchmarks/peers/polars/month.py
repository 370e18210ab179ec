"""One month for the Polars peer: what its drop says of seats and people, and what the events up to the horizon say of
use.

Holds no rule.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from benchmarks.peers.polars.read import Events, scan, to_day, whom
from benchmarks.peers.tables import INACTIVE, Reference
from pipelines.partitions import as_of

FOREVER = date(9999, 12, 31)


class Month:
    """One month: what its drop says and what the events up to the horizon say."""

    def __init__(self, landing: Path, month: str, events: Events) -> None:
        self.folder, self.day = landing / month, as_of(month)
        self.ref = Reference(landing, self.day)
        self.events = events
        self.first = self.day.replace(day=1)
        self.cutoff = min(
            self.day, events.last_day[month] - timedelta(days=int(self.ref.number("foundations", "settle_days")))
        )
        self.people = pl.DataFrame(
            {"who": list(self.ref.person_aliases), "person": list(self.ref.person_aliases.values())},
            schema={"who": pl.String, "person": pl.String},
        )
        report = (
            scan(self.folder / "usage_report.csv", email="email", hash="hashed_autodesk_id")
            .drop_nulls()
            .unique()
            .collect()
        )
        owners = (
            pl.concat([events.pairs, report.select("hash", "email")])
            .unique()
            .join(self.people, left_on="email", right_on="who", how="left")
            .group_by("hash")
            .agg(pl.coalesce("person", "email").unique().alias("persons"))
            .filter(pl.col("persons").list.len() == 1)
            .select(("hash:" + pl.col("hash")).alias("who"), pl.col("persons").list.first().alias("person"))
        )
        self.people = pl.concat([self.people, owners])
        self.members = pl.DataFrame(sorted(self.ref.members), schema=["collection_key", "member_key"], orient="row")
        self.prices = pl.DataFrame({"offering_key": list(self.ref.prices), "price": list(self.ref.prices.values())})

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Persons for `who`, offerings for `name` and `product`."""
        frame = frame.join(self.people, on="who", how="left").with_columns(pl.coalesce("person", "who").alias("person"))
        for column, key in (("name", "offering_key"), ("product", "product_key")):
            if column in frame.columns:
                names = frame[column].unique().to_list()
                meaning = pl.DataFrame(
                    {column: names, key: [self.ref.offering(n) for n in names]},
                    schema={column: pl.String, key: pl.String},
                )
                frame = frame.join(meaning, on=column, how="left")
        return frame

    def seats(self) -> pl.DataFrame:
        """A(M), with price and last access."""
        report = self.named(
            scan(
                self.folder / "usage_report.csv",
                email="email",
                hash="hashed_autodesk_id",
                name="offering_name",
                team="team_alias",
                state="seat_assignment",
                option="access_option",
                assigned="assigned_date",
                last="last_accessed",
            )
            .with_columns(
                whom("email", "hash").alias("who"),
                pl.col("team").fill_null("(single team)"),
                to_day("assigned"),
                to_day("last"),
            )
            .collect()
        )
        key = ["team", "offering_key", "person"]
        held = report.filter(
            (pl.col("state").str.to_lowercase() == "assigned")
            & ~pl.col("option").fill_null("").str.to_lowercase().str.contains("flex")
        )
        held = held.group_by(key).agg(pl.col("assigned").min(), pl.col("last").max())
        users = self.named(
            scan(self.folder / "users.csv", who="email", name="offering_name", team="team_alias")
            .with_columns(pl.col("who").str.to_lowercase(), pl.col("team").fill_null("(single team)"))
            .collect()
        )
        others = users.drop_nulls("offering_key").select(key).unique().join(report.select(key), on=key, how="anti")
        return pl.concat([held, others], how="diagonal").join(self.prices, on="offering_key", how="left")

    def position(self, seats: pl.DataFrame) -> pl.DataFrame:
        """Per team and offering: assigned, entitled, gaps."""
        bought = self.named(
            scan(
                self.folder / "subscriptions.csv",
                name="offering_name",
                team="team_alias",
                seats="seat_quantity",
                start="start_date",
                end="end_date",
                status="subscription_status",
            )
            .with_columns(
                pl.col("seats").cast(pl.Int64),
                to_day("start"),
                to_day("end"),
                pl.col("team").fill_null("(single team)"),
                pl.lit(None, pl.String).alias("who"),
            )
            .collect()
        )
        in_force = (
            (pl.col("start") <= self.day)
            & (self.day <= pl.col("end"))
            & ~pl.col("status").fill_null("").str.to_lowercase().is_in(INACTIVE)
        )
        bought = bought.group_by("team", "offering_key").agg(
            pl.col("seats").filter(in_force).sum().alias("entitled"),
            pl.col("end").filter(pl.col("end") < self.day).max().alias("ended"),
            pl.col("end").filter(in_force).min().alias("first_end"),
        )
        found = seats.group_by("team", "offering_key").agg(pl.len().cast(pl.Int64).alias("assigned"))
        found = found.join(bought, on=["team", "offering_key"], how="full", coalesce=True).with_columns(
            pl.col("assigned", "entitled").fill_null(0)
        )
        return found.with_columns(
            (pl.col("assigned") - pl.col("entitled")).alias("gap"),
            (pl.col("assigned").sum() - pl.col("entitled").sum()).over("offering_key").alias("gap_org"),
            pl.col("entitled").sum().over("offering_key").alias("org_entitled"),
            ((pl.col("assigned") > 0) & (pl.col("entitled") == 0) & pl.col("ended").is_not_null()).alias("is_ended"),
        ).join(self.prices, on="offering_key", how="left")

    def people_of(self, seats: pl.DataFrame) -> pl.DataFrame:
        """Of everybody: why they are gone, since when, and the contractor's end."""
        known = pl.concat([seats.select("person"), self.used().select("person")]).unique()
        hr = (
            scan(
                self.folder / "hr.csv",
                who="email",
                status="status",
                leave="leave_date",
                hire="hire_date",
                id="employee_id",
            )
            .with_columns(pl.col("who").str.to_lowercase(), to_day("leave"), to_day("hire"))
            .collect()
        )
        status = pl.col("status").str.to_lowercase().str.strip_chars()
        ended = status.str.contains("terminat") | status.is_in(["inactive", "left", "former"])
        leave = pl.when((pl.col("leave").dt.year() < 9999) & (pl.col("leave") >= pl.coalesce("hire", "leave"))).then(
            pl.col("leave")
        )
        hr = self.named(hr).with_columns(
            leave.alias("leave"), pl.when(leave.is_null()).then(~ended).otherwise(leave > self.day).alias("in_force")
        )
        hr = hr.sort(["in_force", "hire", "id"], descending=[True, True, False], nulls_last=True).unique(
            "person", keep="first"
        )
        accounts = self.named(
            scan(self.folder / "entra.csv", who="mail", enabled="accountEnabled", id="id")
            .with_columns(pl.col("who").str.to_lowercase())
            .collect()
        )
        accounts = (
            accounts.with_columns((pl.col("enabled").str.to_lowercase() == "true").alias("is_on"))
            .sort(["is_on", "id"], descending=[True, False])
            .unique("person", keep="first")
        )
        register = self.named(
            scan(self.folder / "contractors.csv", who="email", start="start_date", end="end_date")
            .with_columns(pl.col("who").str.to_lowercase(), to_day("start"), to_day("end"))
            .collect()
        )
        register = register.group_by("person").agg(
            pl.when(pl.col("end").is_null().any()).then(None).otherwise(pl.col("end").max()).alias("contract_end"),
            ((pl.col("start").fill_null(self.day) <= self.day) & (pl.col("end").fill_null(self.day) >= self.day))
            .any()
            .alias("is_valid"),
        )
        domains = pl.DataFrame({"domain": list(self.ref.domains), "kind": list(self.ref.domains.values())})
        people = (
            known.join(hr.select("person", "leave", "in_force"), on="person", how="left")
            .join(accounts.select("person", "is_on"), on="person", how="left")
            .join(register, on="person", how="left")
        )
        people = people.with_columns(
            pl.when(~pl.col("person").str.starts_with("hash:"))
            .then(pl.col("person").str.split("@").list.last())
            .alias("domain")
        ).join(domains, on="domain", how="left")
        absent = (
            pl.col("kind").is_in(["corporate", "acquired"])
            & pl.col("is_on").is_null()
            & ~pl.col("in_force").fill_null(False)
            & ~pl.col("is_valid").fill_null(False)
        )
        return people.with_columns(
            pl.when(~pl.col("in_force"))
            .then(pl.lit("left"))
            .when(~pl.col("is_on"))
            .then(pl.lit("disabled"))
            .when(absent & pl.lit(accounts.height > 0))
            .then(pl.lit("absent"))
            .alias("reason")
        )

    def used(self) -> pl.DataFrame:
        """Days of use of persons, each once per offering and product."""
        key = ["person", "offering_key", "product_key", "day"]
        if not hasattr(self, "_used"):
            use = self.named(self.events.use).select(key)
            lrt = (
                self.named(self.events.lrt.select("who", "name", "day").unique())
                .with_columns(pl.lit(None, pl.String).alias("product_key"))
                .select(key)
            )
            token = (
                self.named(self.events.token.select("who", "name", "day").unique())
                .with_columns(pl.lit(None, pl.String).alias("product_key"))
                .select(key)
            )
            self._used = pl.concat([use, lrt, token]).drop_nulls("person").unique()
        return self._used

    def last_use(self, seats: pl.DataFrame) -> pl.DataFrame:
        """Latest day of use of what is held: its own, and for a collection that of its members."""
        used = self.used().filter(pl.col("day") <= self.day)
        holders = seats.select("person", "offering_key").unique()
        own = holders.join(used, on=["person", "offering_key"]).select("person", "offering_key", "day")
        of_member = holders.join(self.members, left_on="offering_key", right_on="collection_key")
        parts = [own]
        for column in ("offering_key", "product_key"):
            parts.append(
                of_member.join(
                    used.rename({"offering_key": "used", "product_key": "product"}),
                    left_on=["person", "member_key"],
                    right_on=["person", "used" if column == "offering_key" else "product"],
                ).select("person", "offering_key", "day")
            )
        return pl.concat(parts).group_by("person", "offering_key").agg(pl.col("day").max().alias("last_day"))

    def held(self, seats: pl.DataFrame) -> pl.DataFrame:
        """What persons hold and since when, itself or through a collection; also what was taken away, until when."""
        spans = seats.select(
            "person",
            "offering_key",
            pl.col("assigned").fill_null(date(1900, 1, 1)).alias("since"),
            pl.lit(FOREVER).alias("until"),
        )
        gone = self.named(
            scan(
                self.folder / "usage_report.csv",
                email="email",
                hash="hashed_autodesk_id",
                name="offering_name",
                state="seat_assignment",
                assigned="assigned_date",
                until="unassigned_date",
            )
            .with_columns(
                whom("email", "hash").alias("who"),
                to_day("assigned").fill_null(date(1900, 1, 1)).alias("since"),
                to_day("until"),
            )
            .collect()
        ).filter((pl.col("state").str.to_lowercase() != "assigned") & pl.col("until").is_not_null())
        spans = pl.concat([spans, gone.select(spans.columns)])
        of_members = spans.join(self.members, left_on="offering_key", right_on="collection_key").select(
            "person", pl.col("member_key").alias("offering_key"), "since", "until"
        )
        return pl.concat([spans, of_members]).unique()
