"""Peer (b'): some rules with pandas, as an analyst writes them: `python -m benchmarks.peers.pandas.run LANDING OUT`.
Every month of a landing zone as a backfill leaves it.

All event files are read into memory once, with the columns that are needed; each month filters them by drop and drops
what a later drop tells anew. Position (ENT-01, ENT-02, ENT-04), idle and doubled seats (USE-01, USE-02, USE-07,
USE-08), people who have left (IDN-01, CON-01), telemetry without a right (LRT-07).

What the hand-written script leaves out is left out here too; besides: evidence, teams that hide personal data, contract
numbers of prices, directory and HR matches by anything else than e-mail.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.peers.tables import (
    COLUMNS,
    INACTIVE,
    LATER_DROPS,
    TELEMETRY,
    TOKENS,
    USAGE,
    Reference,
    begin,
    by_command,
    publish,
)
from pipelines.partitions import as_of, shift

RULES = ["ENT-01", "ENT-02", "ENT-04", "USE-01", "USE-02", "USE-07", "USE-08", "IDN-01", "CON-01", "LRT-07"]
EQUAL: dict[str, str] = {}
KEY = ["team", "offering_key", "person"]
PAST, FAR = pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01")


def read(path: Path, **columns: str) -> pd.DataFrame:
    """Columns of a CSV file as text under new names; those that are not there are empty."""
    if not path.is_file():
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    frame = pd.read_csv(path, dtype=str, usecols=lambda c: c in columns.values(), keep_default_na=False, na_values=[""])
    for name, column in columns.items():
        frame[name] = frame.get(column)
    return frame[list(columns)]


def to_day(texts: pd.Series) -> pd.Series:
    """The dates at the head of texts."""
    return pd.to_datetime(texts.str.slice(0, 10), format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")


def whom(frame: pd.DataFrame) -> pd.Series:
    """The e-mail, else the hash."""
    return frame["email"].str.lower().fillna("hash:" + frame["hash"])


def read_events(landing: Path, drops: list[str]) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Event rows of all drops with the number of their drop; and per drop the last access that its report shows."""
    found: dict[str, list[pd.DataFrame]] = {"use": [], "lrt": [], "token": [], "pair": []}
    accessed = []
    for drop, name in enumerate(drops):
        folder = landing / name
        use = read(folder / "usage.csv", **USAGE)
        lrt = read(folder / "telemetry.csv", **{n: c for n, c in TELEMETRY.items() if n != "device"}).rename(
            columns={"id": "key", "at": "day"}
        )
        token = read(folder / "tokens.csv", **TOKENS)
        report = read(folder / "usage_report.csv", email="email", hash="hashed_autodesk_id", last="last_accessed")
        found["pair"] += [
            f[["hash", "email"]].dropna().drop_duplicates().assign(drop=drop, is_event=e)
            for f, e in ((use, True), (report, False))
        ]
        use["who"] = whom(use)
        found["use"].append(use[["who", "name", "product", "day"]].drop_duplicates().assign(drop=drop))
        found["lrt"].append(lrt.assign(drop=drop, who=lrt["who"].str.lower(), claim=lrt["claim"].str.lower()))
        found["token"].append(
            token.assign(drop=drop, who=token["who"].str.lower(), tokens=token["tokens"].astype(float))
        )
        accessed.append((drop, to_day(report["last"]).max()))
    events = {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}
    for name in ("use", "lrt", "token"):
        events[name]["day"] = to_day(events[name]["day"])
    return events, pd.DataFrame(accessed, columns=["drop", "day"])


def last_told(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows of the last drop that tells their key."""
    return rows[rows["drop"] == rows.groupby(key, dropna=False)["drop"].transform("max")]


class Month:
    """One month: its drop, its reference tables, and the events up to the horizon; `findings` makes all of it."""

    def __init__(
        self, landing: Path, drops: list[str], month: str, events: dict[str, pd.DataFrame], accessed: pd.DataFrame
    ) -> None:
        self.folder, self.day = landing / month, pd.Timestamp(as_of(month))
        self.ref = Reference(landing, as_of(month))
        self.members = pd.DataFrame(sorted(self.ref.members), columns=["collection", "member"])
        self.out: list[pd.DataFrame] = []
        drop = drops.index(month)
        horizon = drop + sum(month < later <= shift(month, LATER_DROPS) for later in drops)
        seen = {name: rows[rows["drop"] <= horizon] for name, rows in events.items()}
        self.use = seen["use"]
        self.lrt = last_told(seen["lrt"], ["key"])
        self.token = last_told(seen["token"], ["team", "name", "feature", "who", "day"])
        told = events["lrt"][events["lrt"]["drop"] <= drop]
        last_seen = max(
            last_told(told, ["key"])["day"].max(),
            *(rows.loc[rows["drop"] <= drop, "day"].max() for rows in (events["use"], events["token"], accessed)),
        )
        self.cutoff = min(self.day, last_seen - pd.Timedelta(days=int(self.ref.number("foundations", "settle_days"))))
        pairs = seen["pair"][seen["pair"]["is_event"] | (seen["pair"]["drop"] <= drop)]
        mails = pairs["email"].str.lower()
        owners = mails.replace(self.ref.person_aliases).groupby(pairs["hash"]).agg(["nunique", "first"])
        owners = owners.loc[owners["nunique"] == 1, "first"]
        self.people = {f"hash:{h}": person for h, person in owners.items()} | self.ref.person_aliases

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Persons for `who`, offerings for `name` and `product`."""
        frame = frame.copy()
        for column, key in (("name", "offering_key"), ("product", "product_key")):
            if column in frame:
                frame[key] = frame[column].map({n: self.ref.offering(n) for n in frame[column].dropna().unique()})
        if "who" in frame:
            frame["person"] = frame["who"].map(self.people).fillna(frame["who"])
        return frame

    def priced(self, frame: pd.DataFrame) -> pd.DataFrame:
        """With the price of the offering."""
        return frame.assign(price=frame["offering_key"].map(self.ref.prices).astype(float))

    def add(self, rule: str, rows: pd.DataFrame, **columns: object) -> None:
        """Keep findings of a rule."""
        keys = [c for c in ("team", "offering_key", "person", "scope") if c in rows]
        self.out.append(rows[keys].assign(rule_id=rule, **{"exposure": None} | columns))

    def read_seats(self) -> None:
        """A(M), and the report that it is made of."""
        report = read(
            self.folder / "usage_report.csv",
            email="email",
            hash="hashed_autodesk_id",
            name="offering_name",
            team="team_alias",
            state="seat_assignment",
            option="access_option",
            assigned="assigned_date",
            unassigned="unassigned_date",
            last="last_accessed",
        )
        report["who"], report["team"] = whom(report), report["team"].fillna("(single team)")
        for column in ("assigned", "unassigned", "last"):
            report[column] = to_day(report[column])
        report = self.named(report)
        is_seat = (report["state"].str.lower() == "assigned") & ~report["option"].fillna("").str.lower().str.contains(
            "flex"
        )
        seats = report[is_seat].groupby(KEY, as_index=False).agg(assigned=("assigned", "min"), last=("last", "max"))
        users = read(self.folder / "users.csv", who="email", name="offering_name", team="team_alias")
        users["who"], users["team"] = users["who"].str.lower(), users["team"].fillna("(single team)")
        users = (
            self.named(users)
            .dropna(subset=["offering_key"])[KEY]
            .drop_duplicates()
            .merge(report[KEY].drop_duplicates(), how="left", indicator=True)
        )
        seats = self.priced(pd.concat([seats, users.loc[users["_merge"] == "left_only", KEY]], ignore_index=True))
        self.report, self.seats = report, seats

    def position(self) -> None:
        """ENT-01, ENT-02, ENT-04."""
        bought = read(
            self.folder / "subscriptions.csv",
            name="offering_name",
            team="team_alias",
            seats="seat_quantity",
            start="start_date",
            end="end_date",
            status="subscription_status",
        )
        bought["team"], bought["seats"] = bought["team"].fillna("(single team)"), bought["seats"].astype(int)
        bought["start"], bought["end"] = to_day(bought["start"]), to_day(bought["end"])
        bought = self.named(bought)
        in_force = (
            (bought["start"] <= self.day)
            & (self.day <= bought["end"])
            & ~bought["status"].fillna("").str.lower().isin(INACTIVE)
        )
        pair = ["team", "offering_key"]
        position = (
            pd.DataFrame({"assigned": self.seats.groupby(pair).size()})
            .join(
                bought.assign(
                    entitled=bought["seats"].where(in_force, 0),
                    ended=bought["end"].where(bought["end"] < self.day),
                    first_end=bought["end"].where(in_force),
                )
                .groupby(pair)
                .agg(entitled=("entitled", "sum"), ended=("ended", "max"), first_end=("first_end", "min")),
                how="outer",
            )
            .reset_index()
        )
        position = self.priced(position.fillna({"assigned": 0, "entitled": 0}))
        position["gap"] = position["assigned"] - position["entitled"]
        of_offering = position.groupby("offering_key")
        position["gap_org"], position["org_entitled"] = (
            of_offering["gap"].transform("sum"),
            of_offering["entitled"].transform("sum"),
        )
        is_ended = (position["assigned"] > 0) & (position["entitled"] == 0) & position["ended"].notna()
        is_over = (position["gap"] > 0) & ~is_ended

        over = position[is_over]
        self.seats = self.seats.merge(over[pair].assign(is_over=True), on=pair, how="left")
        self.seats["is_over"] = self.seats["is_over"].notna()
        critical = (over["gap_org"] > 0) & (
            (over["gap_org"] >= self.ref.number("ENT-01", "critical_seats"))
            | (over["gap_org"] >= self.ref.number("ENT-01", "critical_share") * over["org_entitled"])
        )
        self.add(
            "ENT-01",
            over,
            observed=over["assigned"],
            threshold=over["entitled"],
            excess=over["gap"],
            exposure=over["gap"] * over["price"],
            severity=severity(critical, "critical", "high"),
        )
        position["stock"] = -position["gap"] - self.ref.number("ENT-02", "min_stock")
        least = (self.ref.number("ENT-02", "share") * position["entitled"]).clip(lower=1)
        spare = position[position["stock"] > least]
        soon = (spare["first_end"] - self.day).dt.days <= self.ref.number("ENT-02", "notice_days")
        self.add(
            "ENT-02",
            spare,
            observed=spare["assigned"],
            threshold=spare["entitled"],
            excess=spare["stock"],
            exposure=spare["stock"] * spare["price"],
            severity=severity(soon, "high", "medium"),
        )
        ended = position[is_ended]
        fresh = (self.day - ended["ended"]).dt.days <= self.ref.number("ENT-04", "grace_days")
        self.add(
            "ENT-04",
            ended,
            observed=ended["assigned"],
            threshold=ended["entitled"],
            excess=ended["gap"],
            exposure=ended["gap"] * ended["price"],
            severity=severity(fresh, "medium", "critical"),
        )

    def idle_and_doubled(self) -> None:
        """USE-01, USE-02, USE-07, USE-08."""
        seats = self.seats
        holders = seats[["person", "offering_key"]].drop_duplicates()
        used = pd.concat(
            [
                self.use[["who", "name", "product", "day"]],
                self.lrt[["who", "name", "day"]].drop_duplicates(),
                self.token[["who", "name", "day"]].drop_duplicates(),
            ],
            ignore_index=True,
        )
        used = (
            used[used["day"] <= self.day].groupby(["who", "name", "product"], dropna=False, as_index=False)["day"].max()
        )
        used = self.named(used)[["person", "offering_key", "product_key", "day"]]
        of_collection = holders.merge(self.members, left_on="offering_key", right_on="collection")[
            ["person", "collection", "member"]
        ]
        days = [holders.merge(used, on=["person", "offering_key"])[["person", "offering_key", "day"]]]
        for column in ("offering_key", "product_key"):
            through = of_collection.merge(used, left_on=["person", "member"], right_on=["person", column])
            days.append(through[["person", "collection", "day"]].rename(columns={"collection": "offering_key"}))
        last_use = pd.concat(days).groupby(["person", "offering_key"], as_index=False)["day"].max()
        seats = seats.merge(last_use, on=["person", "offering_key"], how="left")
        seats["last_use"] = seats[["last", "day"]].max(axis=1)
        seats["idle"], seats["age"] = (self.cutoff - seats["last_use"]).dt.days, (self.day - seats["assigned"]).dt.days
        idle = seats[
            (seats["idle"] >= self.ref.number("USE-01", "days"))
            & (seats["age"].isna() | (seats["age"] >= self.ref.number("USE-01", "min_assigned_days")))
        ]
        limit = self.ref.number("USE-01", "days")
        self.add(
            "USE-01",
            idle,
            observed=idle["idle"],
            threshold=limit,
            excess=idle["idle"] - limit,
            exposure=idle["price"],
            severity=severity(idle["is_over"], "high", "medium"),
        )
        never = seats[seats["last_use"].isna() & (seats["age"] >= self.ref.number("USE-02", "days"))]
        limit = self.ref.number("USE-02", "days")
        self.add(
            "USE-02",
            never,
            observed=never["age"],
            threshold=limit,
            excess=never["age"] - limit,
            exposure=never["price"],
            severity="medium",
        )
        doubled = seats[["team", "person", "offering_key"]].merge(
            self.members, left_on="offering_key", right_on="collection"
        )
        doubled = doubled[["team", "person", "collection", "member"]].rename(
            columns={"member": "offering_key", "collection": "scope"}
        )
        doubled = seats[[*KEY, "price"]].merge(doubled, on=KEY)
        self.add("USE-07", doubled, observed=2, threshold=1, excess=1, exposure=doubled["price"], severity="medium")
        several = seats.groupby(["offering_key", "person"], as_index=False).agg(
            teams=("team", "size"), price=("price", "min")
        )
        several = several[several["teams"] > 1]
        self.add(
            "USE-08",
            several,
            observed=several["teams"],
            threshold=1,
            excess=several["teams"] - 1,
            exposure=(several["teams"] - 1) * several["price"],
            severity="medium",
        )

    def people_gone(self) -> None:
        """IDN-01, CON-01."""
        hr = read(
            self.folder / "hr.csv", who="email", status="status", leave="leave_date", hire="hire_date", id="employee_id"
        )
        hr["who"], hr["leave"], hr["hire"] = hr["who"].str.lower(), to_day(hr["leave"]), to_day(hr["hire"])
        status = hr["status"].str.lower().str.strip()
        ended_status = status.str.contains("terminat") | status.isin(["inactive", "left", "former"])
        hr["leave"] = hr["leave"].where((hr["leave"].dt.year < 9999) & ~(hr["leave"] < hr["hire"]))
        hr["in_force"] = (hr["leave"] > self.day).where(hr["leave"].notna(), ~ended_status)
        hr = (
            self.named(hr)
            .sort_values(["in_force", "hire", "id"], ascending=[False, False, True])
            .drop_duplicates("person")
        )
        accounts = self.named(
            read(self.folder / "entra.csv", who="mail", on="accountEnabled", id="id").assign(
                who=lambda f: f["who"].str.lower()
            )
        )
        accounts["on"] = accounts["on"].str.lower() == "true"
        accounts = accounts.sort_values(["on", "id"], ascending=[False, True]).drop_duplicates("person")
        register = self.named(
            read(self.folder / "contractors.csv", who="email", start="start_date", end="end_date").assign(
                who=lambda f: f["who"].str.lower()
            )
        )
        register["end"], register["start"] = to_day(register["end"]).fillna(FAR), to_day(register["start"]).fillna(PAST)
        register["is_valid"] = (register["start"] <= self.day) & (register["end"] >= self.day)
        register = register.groupby("person", as_index=False).agg(
            contract_end=("end", "max"), is_valid=("is_valid", "any")
        )
        seats = (
            self.seats.merge(hr[["person", "leave", "in_force"]], on="person", how="left")
            .merge(accounts[["person", "on"]], on="person", how="left")
            .merge(register, on="person", how="left")
        )
        domain = (
            seats["person"].str.split("@").str[-1].where(~seats["person"].str.startswith("hash:")).map(self.ref.domains)
        )
        is_left, is_off = seats["in_force"].eq(False), seats["on"].eq(False)
        is_absent = (
            domain.isin(["corporate", "acquired"])
            & seats["on"].isna()
            & ~seats["in_force"].eq(True)
            & ~seats["is_valid"].eq(True)
            & bool(len(accounts))
        )
        seats["scope"] = pd.Series("left", index=seats.index).where(
            is_left, pd.Series("disabled", index=seats.index).where(is_off, "absent")
        )
        ghosts = seats[is_left | is_off | is_absent]
        since = (
            (self.day - ghosts[["leave", "assigned"]].max(axis=1)).dt.days.clip(lower=0).where(ghosts["leave"].notna())
        )
        worst = (since > self.ref.number("IDN-01", "critical_days")) | ghosts["is_over"]
        money = (2 * (ghosts["price"] * 100).round() * since + 365) // 730 / 100
        self.add(
            "IDN-01",
            ghosts,
            observed=since,
            threshold=0,
            excess=since,
            exposure=money,
            severity=severity(worst, "critical", "high"),
        )
        gone = seats[seats["contract_end"] < self.day].drop(columns="scope")
        over_by = (self.day - gone["contract_end"]).dt.days
        self.add(
            "CON-01", gone, observed=over_by, threshold=0, excess=over_by, exposure=gone["price"], severity="critical"
        )

    def without_right(self) -> None:
        """LRT-07: telemetry of the month of those who held nothing for it."""
        rows = self.named(
            self.lrt.loc[
                (self.lrt["day"] >= self.day.replace(day=1)) & (self.lrt["day"] <= self.day),
                ["who", "name", "day", "version", "claim"],
            ].drop_duplicates()
        )
        held = self.seats[["person", "offering_key", "assigned"]].assign(until=FAR)
        taken = self.report[(self.report["state"].str.lower() != "assigned") & self.report["unassigned"].notna()]
        held = pd.concat(
            [held, taken[["person", "offering_key", "assigned", "unassigned"]].rename(columns={"unassigned": "until"})]
        )
        held["assigned"] = held["assigned"].fillna(PAST)
        through = held.merge(self.members, left_on="offering_key", right_on="collection").drop(
            columns=["offering_key", "collection"]
        )
        held = pd.concat([held, through.rename(columns={"member": "offering_key"})]).drop_duplicates()
        three = ["person", "offering_key", "day"]
        right = rows[three].drop_duplicates().merge(held, on=["person", "offering_key"])
        right = right.loc[(right["assigned"] <= right["day"]) & (right["day"] <= right["until"]), three]
        charged = self.named(self.token.loc[self.token["tokens"] > 0, ["who", "name", "day"]].drop_duplicates())[three]
        rows = rows.merge(pd.concat([right, charged]).drop_duplicates(), on=three, how="left", indicator=True)
        rows = rows[rows["_merge"] == "left_only"].drop(columns="_merge")
        rows["release"] = rows["version"].str.extract(r"^ *([0-9]+)")[0].astype(float)
        licences = self.named(
            read(self.folder / "perpetual.csv", name="offering_name", version="version", claim="licence_kind")
        )
        licences["claim"] = licences["claim"].str.lower().where(licences["claim"].str.lower() == "network", "perpetual")
        licences["licensed"] = licences["version"].str.extract(r"^ *([0-9]+)")[0].astype(float)
        licences = licences.groupby(["offering_key", "claim"], as_index=False)["licensed"].max()
        rows = rows.merge(licences, on=["offering_key", "claim"], how="left")
        rows = rows[rows["licensed"].isna() | (rows["release"] > rows["licensed"])]
        found = self.priced(rows.groupby(["offering_key", "person"], as_index=False).agg(days=("day", "nunique")))
        self.add(
            "LRT-07",
            found,
            observed=found["days"],
            threshold=0,
            excess=found["days"],
            exposure=found["price"],
            severity="critical",
        )

    def findings(self) -> pd.DataFrame:
        """All findings of the month."""
        self.read_seats()
        self.position()
        self.idle_and_doubled()
        self.people_gone()
        self.without_right()
        return pd.concat([rows for rows in self.out if len(rows)]).reindex(columns=COLUMNS)


def severity(is_worse: pd.Series, worse: str, other: str) -> pd.Series:
    """The worse severity where something holds, else the other."""
    return is_worse.map({True: worse, False: other})


def main(landing: Path, out: Path) -> None:
    """Write the findings of every month. landing: the landing zone; out: folder, made if missing."""
    drops = begin(landing, out)
    events, accessed = read_events(landing, drops)
    for month in drops:
        found = Month(landing, drops, month, events, accessed).findings()
        found.sort_values(list(COLUMNS[:5])).to_csv(out / f"findings-{month}.csv", index=False)
    publish(out)


if __name__ == "__main__":
    by_command("pandas", main)
