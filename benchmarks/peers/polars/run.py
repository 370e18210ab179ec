"""Peer (b): some rules with Polars: `python -m benchmarks.peers.polars.run LANDING OUT`. Every month of a landing zone as a backfill leaves it, in one process.

What somebody writes who knows Polars: lazy scans with the columns that are needed, joins and groups, one loop over the months that carries the events of the last year. Position (ENT-01, ENT-02,
ENT-04), idle and doubled seats (USE-01, USE-02, USE-07, USE-08), people who have left (IDN-01, IDN-02, CON-01), telemetry without a right (LRT-07) and with too many devices (LRT-04).

What the hand-written script leaves out is left out here too; besides: evidence, teams that hide personal data, contract numbers of prices, directory and HR matches by anything else than e-mail.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from benchmarks.peers.tables import COLUMNS, LATER_DROPS, Reference, publish
from pipelines.partitions import as_of, shift

RULES = [
    "ENT-01",
    "ENT-02",
    "ENT-04",
    "USE-01",
    "USE-02",
    "USE-07",
    "USE-08",
    "IDN-01",
    "IDN-02",
    "CON-01",
    "LRT-04",
    "LRT-07",
]
EQUAL: dict[str, str] = {}
FOREVER = date(9999, 12, 31)
INACTIVE = ["expired", "cancelled", "canceled", "terminated", "inactive", "suspended"]
EVENT = ["who", "name", "product", "day", "device", "version", "claim", "key"]


def scan(path: Path, **columns: str) -> pl.LazyFrame:
    """Columns of a CSV file as text, empty as null, under new names; a file or a column that is not there is null."""
    if not path.is_file():
        return pl.LazyFrame(schema=dict.fromkeys(columns, pl.String))
    frame = pl.scan_csv(path, infer_schema=False)
    there = frame.collect_schema().names()
    wanted = [(pl.col(c) if c in there else pl.lit(None, pl.String)).alias(n) for n, c in columns.items()]
    return frame.select(wanted).with_columns(pl.all().replace("", None))


def to_day(column: str) -> pl.Expr:
    """The date at the head of a text."""
    return pl.col(column).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def whom(email: str, hashed: str) -> pl.Expr:
    """The e-mail, else the hash."""
    return pl.coalesce(pl.col(email).str.to_lowercase(), "hash:" + pl.col(hashed))


class Events:
    """Events of the drops read so far, each as the last drop tells it; only days after `since` are kept.

    use: one row per person, offering, product and day; lrt: per event; token: charges; pairs: hashes beside e-mails.
    """

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.use = self.lrt = self.token = self.pairs = pl.DataFrame()
        self.last_day: dict[str, date] = {}

    def read(self, drop: str, since: date) -> None:
        """Add a drop."""
        folder = self.landing / drop
        raw = scan(
            folder / "usage.csv",
            email="email",
            hash="hashed_autodesk_id",
            name="offering_name",
            product="product_name",
            day="day_used",
        ).with_columns(to_day("day"))
        use = raw.select(whom("email", "hash").alias("who"), "name", "product", "day").unique()
        lrt = scan(
            folder / "telemetry.csv",
            id="event_id",
            at="event_at",
            who="user_email",
            name="product",
            device="device_id",
            version="version",
            claim="licence_claim",
        ).select(
            "id",
            to_day("at").alias("day"),
            pl.col("who").str.to_lowercase(),
            "name",
            "device",
            "version",
            pl.col("claim").str.to_lowercase(),
        )
        token = scan(
            folder / "tokens.csv",
            day="Day used",
            who="Email",
            name="Product",
            team="Team",
            feature="Feature",
            tokens="Tokens used",
        ).with_columns(to_day("day"), pl.col("who").str.to_lowercase(), pl.col("tokens").cast(pl.Float64))
        report = scan(folder / "usage_report.csv", email="email", hash="hashed_autodesk_id", last="last_accessed")
        accessed = report.select(to_day("last").max()).collect().item()
        frames = pl.collect_all(
            [use, lrt, token, raw.select("hash", pl.col("email").str.to_lowercase()).drop_nulls().unique()]
        )
        self.use = self._kept([self.use, frames[0]], since).unique()
        self.lrt = self._replaced(self.lrt, frames[1], ["id"], since)
        self.token = self._replaced(self.token, frames[2], ["team", "name", "feature", "who", "day"], since)
        self.pairs = pl.concat([f for f in (self.pairs, frames[3]) if f.width]).unique()
        days = [f["day"].max() for f in (self.use, self.lrt, self.token)] + [accessed, *self.last_day.values()]
        self.last_day[drop] = max(d for d in days if isinstance(d, date))

    @staticmethod
    def _kept(frames: list[pl.DataFrame], since: date) -> pl.DataFrame:
        return pl.concat([f for f in frames if f.width]).filter(pl.col("day") > since)

    def _replaced(self, old: pl.DataFrame, new: pl.DataFrame, key: list[str], since: date) -> pl.DataFrame:
        """Old rows whose key the new file does not tell, and the new rows."""
        if not old.width:
            return self._kept([new], since)
        return self._kept([old.join(new.select(key).unique(), on=key, how="anti", nulls_equal=True), new], since)


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

    def findings(self) -> pl.DataFrame:
        """All findings of the month."""
        n, day = self.ref.number, self.day
        seats = self.seats()
        position = self.position(seats)
        is_over = (pl.col("gap") > 0) & ~pl.col("is_ended")
        ent_01 = position.filter(is_over)
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
        seats = (
            seats.join(
                position.filter(is_over).select("team", "offering_key", pl.lit(True).alias("ent_01")),
                on=["team", "offering_key"],
                how="left",
            )
            .with_columns(pl.col("ent_01").fill_null(False))
            .join(self.last_use(seats), on=["person", "offering_key"], how="left")
            .with_columns(pl.max_horizontal("last", "last_day").alias("last_use"))
            .join(self.people_of(seats), on="person", how="left")
            .with_columns(
                (self.cutoff - pl.col("last_use")).dt.total_days().alias("idle"),
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
            .join(self.members, left_on="scope", right_on="collection_key")
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
        out += [self.after_leaving(seats), *self.telemetry(seats)]
        return pl.concat(out, how="diagonal_relaxed").select(COLUMNS)

    def after_leaving(self, seats: pl.DataFrame) -> pl.DataFrame:
        """IDN-02: days of use after the day after leaving."""
        gone = (
            self.people_of(seats).filter(~pl.col("in_force") & pl.col("leave").is_not_null()).select("person", "leave")
        )
        used = self.used().filter((pl.col("day") <= self.day) & (pl.col("day") > self.day - timedelta(days=365)))
        days = (
            used.join(gone, on="person")
            .filter(pl.col("day") > pl.col("leave") + timedelta(days=1))
            .group_by("offering_key", "person")
            .agg(pl.col("day").n_unique().cast(pl.Int64))
        )
        return days.select(
            *rule("IDN-02"), "offering_key", "person", *numbers("day", 0), pl.lit("critical").alias("severity")
        )

    def telemetry(self, seats: pl.DataFrame) -> list[pl.DataFrame]:
        """LRT-04 and LRT-07."""
        held = self.held(seats)
        lrt = self.events.lrt
        recent = self.named(
            lrt.filter(
                (pl.col("day") <= self.cutoff)
                & (pl.col("day") > self.cutoff - timedelta(days=int(self.ref.number("LRT-04", "days"))))
                & pl.col("device").is_not_null()
            )
            .select("who", "name", "device")
            .unique()
        )
        direct = seats.select("person", "offering_key").unique()
        through = (
            direct.join(self.members, left_on="offering_key", right_on="collection_key")
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
            .filter(pl.col("device") > self.ref.number("LRT-04", "devices"))
        )
        out = [
            many.select(
                *rule("LRT-04"),
                "offering_key",
                "person",
                *numbers("device", self.ref.number("LRT-04", "devices")),
                pl.lit("high").alias("severity"),
            )
        ]

        rows = self.named(
            lrt.filter((pl.col("day") >= self.first) & (pl.col("day") <= self.day))
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
        charged = self.named(
            self.events.token.filter(pl.col("tokens") > 0).select("who", "name", "day").unique()
        ).select("person", "offering_key", "day")
        rows = rows.join(charged, on=["person", "offering_key", "day"], how="anti")
        release = pl.col("version").str.extract(r"^ *([0-9]+)").cast(pl.Int64)
        licences = self.named(
            scan(self.folder / "perpetual.csv", name="offering_name", version="version", kind="licence_kind")
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
            .join(self.prices, on="offering_key", how="left")
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


def main(landing: Path, out: Path) -> None:
    """Write the findings of every month. landing: the landing zone; out: folder, made if missing."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("findings-*.csv"):
        old.unlink()
    drops = sorted(p.name for p in landing.iterdir() if p.name != "reference")
    events, left = Events(landing), list(drops)
    for month in drops:
        while left and left[0] <= shift(month, LATER_DROPS):
            events.read(left.pop(0), as_of(month) - timedelta(days=366))
        Month(landing, month, events).findings().sort(COLUMNS[:5]).write_csv(out / f"findings-{month}.csv")
    publish(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.polars.run")
    parser.add_argument("landing", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    main(arguments.landing, arguments.out)
