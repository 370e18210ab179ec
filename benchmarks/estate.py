"""A large estate for timing: a drop a month of UTF-8 CSV files made by SQL, deterministic, without planted truth.

Holds the generator only. Nearly all persons are alike; of every 251 about twenty do something that a rule names
(`ODD`), so that peers can be proven on most rules. The demo estate (pipelines/demo) is the one with planted cases and
odd file kinds.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.partitions import as_of, shift

MONTH = "2026-10"

# Offerings: name, key, price, token rate; the last two are collections.
OFFERINGS = [
    ("AutoCAD", "autocad", 1800, 7),
    ("Revit", "revit", 2600, 10),
    ("Civil 3D", "civil_3d", 2500, 9),
    ("3ds Max", "3ds_max", 1700, 6),
    ("Maya", "maya", 1750, 6),
    ("Navisworks Manage", "navisworks_manage", 2200, 8),
    ("Architecture Engineering & Construction Collection", "aec_collection", 3400, None),
    ("Media & Entertainment Collection", "me_collection", 2400, None),
]
MEMBERS = [
    ("aec_collection", "autocad"),
    ("aec_collection", "revit"),
    ("aec_collection", "civil_3d"),
    ("aec_collection", "navisworks_manage"),
    ("me_collection", "3ds_max"),
    ("me_collection", "maya"),
]


# What the person of this number among every 251 does.
ODD = {
    "hidden": 10,  # half of the rows of use have the hash without the e-mail
    "stranger": 11,  # telemetry of a product that is not held; some of them are contractors
    "old": 12,  # a release that is no longer eligible
    "new": 13,  # a release that is not covered yet
    "late": 14,  # telemetry arrives after five days
    "devices": 15,  # six devices
    "sharing": 16,  # sessions of ten hours
    "teams": 17,  # a seat in a second team
    "collector": 18,  # a collection beside the seat
    "never": 19,  # no use at all
    "rare": 20,  # little use
    "tokens": 21,  # tokens on most days
    "off_rate": 22,  # tokens that are no multiple of the rate
    "invited": 23,  # has not accepted the invitation
    "unknown": 24,  # telemetry under a name that no table knows
    "owner": 27,  # telemetry under a perpetual licence
    "upgrader": 28,  # likewise, of a release after it
    "on_leave": 29,
}


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy ({query}) to '{path}' (format csv, header true)")


def _persons(con: duckdb.DuckDBPyConnection, persons: int) -> None:
    con.execute("create table offering(n integer, name varchar, key varchar, price integer, rate integer)")
    con.executemany("insert into offering values (?, ?, ?, ?, ?)", [[i, *o] for i, o in enumerate(OFFERINGS)])
    con.execute(
        f"""
        create table person as
        select i, 'p' || lpad(i::varchar, 6, '0') as local,
            'p' || lpad(i::varchar, 6, '0') || case when i % 50 = 0 then '@acquired.example' when i % 997 = 0
            then '@elsewhere.example' else '@firm.example' end as email,
            'Team ' || chr(65 + (i % 5)::int) as team,
            (hash(i) % 8)::int as o,
            i % 33 = 0 or i % 251 = {ODD["never"]} as idle, (i % 251)::int as odd, i % 100 = 1 as left,
            i % 211 = 2 as disabled,
            sha256('h' || i)[:40] as hashed
        from range({persons}) as t(i)
        """
    )


def _portal(con: duckdb.DuckDBPyConnection, folder: Path, as_of: str) -> None:
    _copy(
        con,
        f"""select hashed as hashed_autodesk_id, 'First' || i as first_name, 'Last' || i as last_name, email,
            local as autodesk_id, team as team_alias,
            '' as "group", name as offering_name, (2023 + i % 4)::varchar as version, 'assigned' as seat_assignment,
            strftime(date '2024-01-01' + (i % 600)::int, '%Y-%m-%dT08:00:00Z') as assigned_date, '' as unassigned_date,
            case when idle then 'inactive' else 'active' end as user_activity, '' as days_inactive,
                'Subscription' as access_option,
            10 as days_used, 5.5 as monthly_average, '' as tokens_used,
            case when odd <> {ODD["never"]} then (date '{as_of}' - case when idle then 120
                else (i % 20)::int end)::varchar end as last_accessed
        from (
            from person
            union all by name
            select * replace ('Team ' || chr(65 + (i % 5 + 1)::int % 5) as team) from person where odd = {ODD["teams"]}
            union all by name
            select * replace (6 as o) from person where odd = {ODD["collector"]} and o <> 6
        ) as person inner join offering on offering.n = person.o order by person.i, team, o""",
        folder / "usage_report.csv",
    )
    _copy(
        con,
        f"""select email, 'First' || i as first_name, 'Last' || i as last_name, local as autodesk_id,
            case when i % 1000 < 3 then 'Secondary admin' else 'User' end as role, case odd when {ODD["invited"]}
                then 'Pending' else 'Verified' end as account_status,
            name as offering_name, '' as product_name, team as team_alias
        from person inner join offering on offering.n = person.o order by person.i""",
        folder / "users.csv",
    )
    _copy(
        con,
        """select '11000' || o.n || ascii(team) as contract_number, '' as subscription_id, name as offering_name,
            greatest(0, count(*) + case when o.n = 3 then -5 else 2 end)::int as seat_quantity,
            '2024-01-01' as start_date,
            case when o.n = 4 and team = 'Team C' then '2026-08-31' else '2027-01-31' end as end_date,
            '' as autorenew_date, 'Annual' as term, 'Active' as subscription_status, 'Reseller' as reseller_name,
            '' as reseller_email, team as team_alias
        from person inner join offering as o on o.n = person.o group by o.n, team, name order by 1, 3, 12""",
        folder / "subscriptions.csv",
    )
    _copy(
        con,
        """select 'Group ' || team as "Group", email as "Email", 'Synced' as "Group type", '' as "Role", team as "Team"
            from person where i % 3 = 0 order by i""",
        folder / "groups.csv",
    )


def _events(
    con: duckdb.DuckDBPyConnection, folder: Path, months: list[str], persons: int, use_rows: int, lrt_rows: int
) -> None:
    """Events of the months as one drop tells them, its own month last. use_rows, lrt_rows: about how many of one month.

    A row is the same in every drop that has it, but for one event in a thousand, which a later drop tells a day later.
    """
    con.execute("create or replace table told(place integer, first_day date, days integer, is_past boolean)")
    con.executemany(
        "insert into told values (?, ?, ?, ?)",
        [[n, f"{m}-01", as_of(m).day, m != months[-1]] for n, m in enumerate(months)],
    )
    # A person who is not idle uses the offering on a day with this chance; there is one row of use per person and day.
    chance = min(0.95, use_rows / (0.97 * 30.4 * persons))
    _copy(
        con,
        f"""select hashed as hashed_autodesk_id, local as autodesk_id, case when odd <> {ODD["hidden"]} or d % 2 = 0
            then email end as email, 'First' || i as first_name, 'Last' || i as last_name, team as team_alias,
            name as offering_name, case key when 'aec_collection' then (['AutoCAD', 'Revit'])[(1 + d % 2)::int]
            when 'me_collection' then 'Maya' else '' end as product_name,
            '2026' as version, 'Subscription' as access_option, day as day_used
        from (
            select p.*, o.name, o.key, (t.first_day + n.range::int)::date as day, hash(p.i, first_day::varchar,
                n.range) as d
            from person as p inner join offering as o on o.n = p.o cross join told as t cross join range(31) as n
            where not p.idle and n.range < t.days
        )
        where (d >> 8) % 1000000 < {round(chance * 1_000_000)} and (odd <> {ODD["rare"]} or (d >> 32) % 20 = 0)
            order by day, i""",
        folder / "usage.csv",
    )
    # No order is asked for: rows come as range() counts, month after month.
    drawn = f"""
        select *, first_day + (hash(r, first_day::varchar, 't') % days)::int + (is_past and r % 997 = 0)::int as day
        from (
            select range % {lrt_rows} as r, t.* from range({lrt_rows * len(months)}) as n
            inner join told as t on t.place = n.range // {lrt_rows}
        )"""
    _copy(
        con,
        f"""select 'e' || strftime(first_day, '%Y%m') || r as event_id,
            strftime(day, '%Y-%m-%d') || 'T' || lpad((r % 24)::varchar, 2, '0') || ':15:00Z' as event_at,
            strftime(day + case odd when {ODD["late"]} then 5 else 1 end, '%Y-%m-%d') || 'T' || lpad((r % 24)::varchar,
            2, '0') || ':15:00Z' as received_at,
            email as user_email, 'dev' || person.i || '-' || (r % case odd when {ODD["devices"]} then 6
            else 2 end) as device_id,
            case when odd in ({ODD["stranger"]}, {ODD["owner"]}, {ODD["upgrader"]}) then case when key in ('maya',
                'me_collection') then 'Civil 3D' else 'Maya' end
                when odd = {ODD["unknown"]} then 'Mystery Tool' when key = 'aec_collection' then 'Revit'
                    when key = 'me_collection' then 'Maya' else name end as product,
            case odd when {ODD["old"]} then '2022' when {ODD["new"]} then '2027.1' when {ODD["owner"]} then '2024'
                else (2023 + r % 4)::varchar end as version,
            case when r % 5000 = 0 then 'Generative Design' else 'open' end as feature,
            case when odd in ({ODD["owner"]}, {ODD["upgrader"]}) then 'perpetual'
                else 'named_user' end as licence_claim,
            case odd when {ODD["sharing"]} then 600 else 60 end as duration_minutes, 'DE' as country,
                'desktop' as source, team as team_alias
        from ({drawn}) as e inner join person on person.i = (hash(r, first_day::varchar, 'q') % {persons})::bigint
        inner join offering on offering.n = person.o where not idle and (odd <> {ODD["rare"]} or r % 20 = 0)""",
        folder / "telemetry.csv",
    )
    _copy(
        con,
        f"""select day::varchar as "Day used", email as "Email", '' as "First name", '' as "Last name",
            'Navisworks Manage' as "Product",
            team as "Team", '' as "Feature", '2026' as "Version", tokens as "Tokens used"
        from (
        select place, r, email, team, first_day + (hash(r, first_day::varchar, 'f') % days)::int as day, 8 as tokens
        from range({max(400, use_rows // 50)}) as t(r) cross join told inner join person on person.i = (hash(r,
            first_day::varchar, 'g') % {persons})::bigint
        where person.o = 0
        union all
        select place, i, email, team, first_day + range::int, case odd when {ODD["off_rate"]} then 5 else 8 end
        from person cross join told cross join range(20)
        where odd in ({ODD["tokens"]}, {ODD["off_rate"]}) or (o = 5 and i % 31 = 5)
        ) order by place, day, r, email""",
        folder / "tokens.csv",
    )


def _outside(con: duckdb.DuckDBPyConnection, folder: Path, as_of: str) -> None:
    _copy(
        con,
        """select email as "userPrincipalName", 'First' || i as "givenName", 'Last' || i as surname, email as mail,
            'id' || i as id, 'Member' as "userType",
            case when disabled then 'False' else 'True' end as "accountEnabled", 'Dept' || (i % 7) as department,
                'Firm' as "companyName"
        from person where i % 997 <> 0 order by i""",
        folder / "entra.csv",
    )
    _copy(
        con,
        f"""select 'E' || i as employee_id, email, 'First' || i as first_name, 'Last' || i as last_name,
            case when "left" then 'Terminated' when odd = {ODD["on_leave"]} then 'On leave'
                else 'Active' end as status, 'employee' as worker_type, '2020-01-01' as hire_date,
            case when "left" then '2026-09-15' else '' end as leave_date, 'Dept' || (i % 7) as department,
                'Firm ' || (i % 3) as legal_entity,
            'CC' || (i % 11) as cost_centre, 'DE' as country
        from person where i % 997 <> 0 order by i""",
        folder / "hr.csv",
    )
    _copy(
        con,
        f"""select email, 'Other firm' as company, '2026-01-01' as start_date, case odd when {ODD["stranger"]}
            then '2027-12-31' else '2026-09-30' end as end_date,
            case odd when {ODD["stranger"]} then 'company' else 'own' end as device_policy
        from person where i % 1994 = 0 or (odd = {ODD["stranger"]} and i % 2 = 1) order by i""",
        folder / "contractors.csv",
    )
    _copy(
        con,
        "select team as team_alias, 'firm.example' as domain, true as domain_verified, true as sso_enabled, team <> "
        "'Team B' as directory_sync_enabled from person group by team order by 1",
        folder / "sso.csv",
    )
    _copy(
        con,
        "select 'pack-' || team as pack_id, team as team_alias, 60000 as tokens, '2026-05-01' as start_date, "
        "'2027-04-30' as end_date, 180000 as amount, 'EUR' as currency from person group by team order by 1",
        folder / "packs.csv",
    )
    _copy(
        con,
        f"select team as team_alias, '{as_of}' as balance_date, 50000 as tokens_available from person group by team "
        "order by 1",
        folder / "balance.csv",
    )
    _copy(
        con,
        f"select email, name as offering_name, (date '{as_of}' - 11)::varchar as last_used, 40 as days_used_12m from "
        "person inner join offering on offering.n = person.o where person.i % 9 <> 0 order by person.i",
        folder / "sam.csv",
    )
    _copy(
        con,
        "select 'S' || n as serial_number, name as offering_name, '2024' as version, 3 as seats, 'standalone' as "
        "licence_kind from offering where key in ('maya', 'civil_3d') order by n",
        folder / "perpetual.csv",
    )


def _reference(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    _copy(
        con,
        "select name as alias, key as offering_key, '2020-01-01' as valid_from from offering order by n",
        folder / "product_aliases.csv",
    )
    _copy(
        con,
        "select key as offering_key, name, case when rate is null then 'collection' else 'product' end as kind, "
        "'named_user' as licence_metric from offering order by n",
        folder / "offerings.csv",
    )
    values = ", ".join(f"('{c}', '{m}')" for c, m in MEMBERS)
    _copy(
        con,
        f"select c as collection_key, m as member_key, '2020-01-01' as valid_from from (values {values}) as t(c, m)",
        folder / "collection_members.csv",
    )
    _copy(
        con,
        "select key as collection_key, '2020-01-01' as valid_from, 'yes' as complete from offering where rate is null "
        "order by n",
        folder / "collection_coverage.csv",
    )
    _copy(
        con,
        "select key as offering_key, 'contract' as basis, price as amount, 'EUR' as currency, '2020-01-01' as "
        "valid_from from offering order by n",
        folder / "prices.csv",
    )
    _copy(
        con,
        "select '' as contract_number, 3 as amount, 'EUR' as currency, '2020-01-01' as valid_from",
        folder / "token_prices.csv",
    )
    _copy(
        con,
        "select key as offering_key, rate as tokens_per_day, '2020-01-01' as valid_from from offering where rate is "
        "not null order by n",
        folder / "flex_rates.csv",
    )
    _copy(
        con,
        "select key as offering_key, 2023 as oldest_eligible, 2026 as newest_covered, '2020-01-01' as valid_from from "
        "offering where rate is not null",
        folder / "version_support.csv",
    )
    _copy(
        con,
        "select 'generative_design' as feature, 'aec_collection' as required_offering_key, 'add_on' as kind, "
        "'2020-01-01' as valid_from",
        folder / "feature_requirements.csv",
    )
    _copy(
        con,
        "select * from (values ('firm.example', 'corporate'), ('acquired.example', 'acquired')) as t(domain, kind)",
        folder / "sso_domains.csv",
    )
    _copy(
        con,
        "select 'Team A' as team_alias, 'Group Team A' as \"group\", 'autocad' as offering_key, 'department in "
        "(''Dept1'', ''Dept2'')' as intended, '2020-01-01' as valid_from",
        folder / "group_rules.csv",
    )
    _copy(
        con,
        "select email, 'Secondary admin' as role, team as team_alias, '2020-01-01' as valid_from, 'head' as "
        "approved_by from person where i % 1000 = 1 order by i",
        folder / "approved_admins.csv",
    )


def write_estate(
    landing: Path, persons: int, use_rows: int, lrt_rows: int, months: int = 1, repeat: int = 11, last: str = MONTH
) -> None:
    """Write a drop a month and the reference folder.

    use_rows, lrt_rows: about how many over all drops as the files tell them (a person has at most one row of use a
    day); months: drops, the last of them `last`; repeat: how many months before its own the exports of a drop tell
    again. The same numbers give the same bytes.
    """
    con = duckdb.connect(config={"autoload_known_extensions": "false", "memory_limit": "3GB"})
    _persons(con, persons)
    told = months * (repeat + 1)
    for drop in (shift(last, n - months + 1) for n in range(months)):
        folder, last_day = landing / drop, as_of(drop).isoformat()
        _portal(con, folder, last_day)
        _events(
            con,
            folder,
            [shift(drop, n - repeat) for n in range(repeat + 1)],
            persons,
            use_rows // told,
            max(1, lrt_rows // told),
        )
        _outside(con, folder, last_day)
    _reference(con, landing / "reference")
    con.close()
