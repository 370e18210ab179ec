"""One estate in which every team counts in another size and currency: 0.01 to 999,999,999,999,999.99, in EUR, JPY and
IDR, met by every rule and output with money.

The oracle is arithmetic of fractions on the prices of the estate. What single macros do is
`tests/dbt/test_amounts_of_any_size.py`.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import Reviewed, once, selfaudit

MONTH, AS_OF = "2026-09", "2026-09-30"
DAYS = 183  # 2026-04-01, the first day of use, to as_of
RATES = {"EUR": Fraction(1), "JPY": Fraction("0.0061234567"), "IDR": Fraction("0.0000567")}
SIZES = ("0.01", "0.37", "12", "5000000", "123456789.07", "1000000000000.05", "999999999999999.99")
TOKEN_PRICE = 3  # EUR


@dataclass(frozen=True)
class Team:
    """A team: its number, the amount that its prices are made of, their currency."""

    number: int
    size: Fraction
    currency: str

    def price(self, offering: str) -> Fraction:
        """Price of a seat and year: K and L are collections with P and Q."""
        share = {"P": 4, "Q": 3, "R": 10, "K": 10, "L": 5}[offering[0]]
        return Fraction(round(self.size * share * 10**5), 10**6)

    @property
    def tokens(self) -> Fraction:
        """Tokens used on each of two days, and half of those of the pack."""
        return Fraction(max(1, int(self.size * 4000)), 10**4)


TEAMS = [Team(i, Fraction(s), c) for i, (s, c) in enumerate((s, c) for s in SIZES for c in RATES)]


def text(number: Fraction) -> str:
    """The number as it stands in a file; at most six decimals."""
    millionths = number * 10**6
    assert millionths.denominator == 1
    whole, rest = divmod(int(millionths), 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def cents(amount: Fraction) -> Fraction:
    """Rounded to two decimals, half away from zero."""
    rounded = Fraction((abs(amount) * 200 + 1) // 2, 100)
    return rounded if amount >= 0 else -rounded


def write(folder: Path, name: str, header: str, rows: Sequence[Sequence[Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header.split(","), *rows])


def seat(address: str, team: str, offering: str, last: str) -> list[str]:
    """A row of the usage report: a seat since 2024, of a person without a name."""
    who = ["", "", "", address, "", team, "", offering, "2026"]
    return [*who, "assigned", "2024-01-01", "", "", "", "Subscription", "", "", "", last]


def lay_out(landing: Path) -> None:
    """The landing zone: one drop, and the company's tables."""
    lay_out_reference(landing / "reference")
    drop = landing / MONTH
    seats, use, tokens, lrt, contractors, workers = [], [], [], [], [], []
    bought, packs, invoices = [], [], []
    for t in TEAMS:
        n, money = f"{t.number:02}", t.currency
        people = {"u": "P", "s": "P", "g": "P", "c": "P", "k": "K", "d": "KQ", "b": "PQ", "w": "P", "r": "R", "o": "P"}
        for who, held in people.items():
            address = f"{who}{n}@{'stranger.example' if who == 'o' else 'corp.example'}"
            for offering in held:
                last = "2026-09-28T08:00:00Z" if who in "ukdbw" else ""
                seats.append(seat(address, f"T{n}", f"{offering}{n}", last))
            if who not in "co":
                left = who == "g"
                workers.append(
                    [
                        f"{who}{n}",
                        address,
                        "terminated" if left else "active",
                        "2020-01-01",
                        "2026-06-01" if left else "",
                        f"CC{n}",
                    ]
                )
        seats.append(seat(f"w{n}@corp.example", "T99", f"P{n}", "2026-09-01T08:00:00Z"))
        contractors.append([f"c{n}@corp.example", "Firm", "2026-01-01", "2026-05-31"])
        workers += [[f"{w}{n}", f"{w}{n}@corp.example", "active", "2020-01-01", "", f"CC{n}"] for w in "tl"]
        for who in "uk":
            use += [
                [day, f"P{n}", "", f"T{n}", "2026", f"{who}{n}@corp.example"] for day in ("2026-04-01", "2026-09-28")
            ]
        tokens += [
            [day, f"R{n}", text(t.tokens), f"t{n}@corp.example", f"T{n}"] for day in ("2026-04-01", "2026-09-05")
        ]
        lrt.append(["2026-09-10T08:00:00Z", f"P{n}", f"l{n}@corp.example", f"T{n}"])
        bought += [
            [f"C{n}", "", f"P{n}", 2, "2026-01-01", "2026-12-20", "active", f"T{n}"],
            [f"C{n}", "", f"Q{n}", max(10, int(t.size)), "2026-01-01", "2027-12-31", "active", f"T{n}"],
            [f"D{n}", "", f"R{n}", 3, "2025-01-01", "2026-01-31", "active", f"T{n}"],
        ]
        packs.append(
            [
                f"F{n}",
                f"T{n}",
                f"F{n}",
                text(t.tokens * 2 + Fraction(1, 100)),
                "2026-04-01",
                "2027-03-31",
                text(cents(t.size)),
                money,
            ]
        )
        invoices += [
            [f"I{n}", "2026-01-05", f"C{n}", f"P{n}", 2, text(t.price("P")), money, "2026-01-01", "2026-12-31"],
            [
                f"J{n}",
                "2026-09-05",
                f"C{n}",
                f"Q{n}",
                max(1, int(t.size)),
                text(t.price("Q")),
                money,
                "2026-09-01",
                "2027-08-31",
            ],
        ]
    write(
        drop,
        "report",
        "hashed_autodesk_id,first_name,last_name,email,autodesk_id,team_alias,group,offering_name,version,"
        "seat_assignment,assigned_date,unassigned_date,user_activity,days_inactive,access_option,days_used,"
        "monthly_average,tokens_used,last_accessed",
        seats,
    )
    write(drop, "usage", "day_used,offering_name,product_name,team_alias,version,email", use)
    write(drop, "tokens", "Day used,Product,Tokens used,Email,Team", tokens)
    write(drop, "lrt", "event_at,product,user_email,team_alias", lrt)
    write(drop, "contractors", "email,company,start_date,end_date", contractors)
    write(drop, "workers", "employee_id,email,status,hire_date,leave_date,cost_centre", workers)
    write(
        drop,
        "subscriptions",
        "contract_number,subscription_id,offering_name,seat_quantity,start_date,end_date,subscription_status,"
        "team_alias",
        bought,
    )
    write(drop, "packs", "pack_id,team_alias,contract_number,tokens,start_date,end_date,amount,currency", packs)
    write(
        drop,
        "invoices",
        "invoice_number,invoice_date,contract_number,offering_name,quantity,unit_price,currency,period_start,"
        "period_end",
        invoices,
    )
    # A file of its own, since one row in three is too large to be anything.
    write(
        drop,
        "balances",
        "team_alias,balance_date,tokens_available",
        [["T00", AS_OF, 1]] * 30 + [["T00", "2026-09-29", "1000000000000000"]],
    )


def lay_out_reference(reference: Path) -> None:
    """The company's tables."""
    prices, aliases, members, offerings, contracts, lines = [], [], [], [], [], []
    for t in TEAMS:
        n, money = f"{t.number:02}", t.currency
        for letter in "PQRKL":
            aliases.append([f"{letter}{n}", f"{letter.lower()}{n}"])
            offerings.append(
                [f"{letter.lower()}{n}", f"{letter}{n}", "collection" if letter in "KL" else "product", "named_user"]
            )
            prices.append([f"{letter.lower()}{n}", "list", "", text(t.price(letter)), money])
        prices.append([f"p{n}", "contract", f"C{n}", text(t.price("P")), money])
        members += [[f"{c}{n}", f"{m}{n}"] for c in "kl" for m in "pq"]
        renewal = "2026-12-20" if t.number % 2 else "2027-01-20"
        contracts.append([f"C{n}", "subscription", "2026-01-01", "2026-12-31", renewal])
        lines.append([f"C{n}", f"p{n}", 2, text(Fraction(round(t.size * 2 * 10**5), 10**6)), money])
    write(
        reference,
        "settings",
        "key,value",
        [["organisation", "Sizes AG"], ["currency", "EUR"], ["use_defaults", "false"]],
    )
    write(reference, "product_aliases", "alias,offering_key", aliases)
    write(reference, "offerings", "offering_key,name,kind,licence_metric", offerings)
    write(reference, "collection_members", "collection_key,member_key", members)
    write(
        reference,
        "collection_coverage",
        "collection_key,complete",
        [[f"{c}{t.number:02}", "yes"] for t in TEAMS for c in "kl"],
    )
    write(reference, "prices", "offering_key,basis,contract_number,amount,currency", prices)
    write(reference, "token_prices", "contract_number,amount,currency", [["", TOKEN_PRICE, "EUR"]])
    write(reference, "flex_rates", "offering_key,tokens_per_day", [[f"p{t.number:02}", 7] for t in TEAMS])
    write(reference, "exchange_rates", "currency,per_unit", [["JPY", "0.0061234567"], ["IDR", "0.0000567"]])
    write(reference, "sso_domains", "domain,kind", [["corp.example", "corporate"]])
    write(reference, "contracts", "contract_number,kind,start_date,end_date,renewal_date", contracts)
    write(reference, "contract_lines", "contract_number,offering_key,quantity,unit_price,currency", lines)


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    def make(data: Path) -> str:
        lay_out(data / "landing")
        reviewed = selfaudit(data, "run")
        assert reviewed.exit_code in (0, 3), reviewed.output
        return reviewed.output

    data, output = once(tmp_path_factory, "sizes", make)
    return Reviewed(data, 0, output)


@pytest.fixture(scope="module")
def published(sizes: Reviewed):
    with duckdb.connect(str(sizes.published), read_only=True) as connection:
        yield connection


def findings(published: duckdb.DuckDBPyConnection, rule: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """The findings of a rule by (team, offering, person)."""
    found = published.execute("select * from calendar.findings where rule_id = ?", [rule])
    names = [d[0] for d in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {tuple(row[k] or "" for k in ("team_alias", "offering_key", "person_key")): row for row in rows}


def exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def test_a_number_of_10_to_the_15_is_a_row_with_a_reason(published):
    found = published.execute("select column_name, reason from calendar.rejected_rows").fetchall()
    assert found == [
        (
            "tokens_available",
            "tokens_available: '1000000000000000' is too large; a number below 1,000,000,000,000,000 is expected",
        )
    ]


def test_what_a_price_is_multiplied_with_is_exact_in_both_currencies(published):
    for t in TEAMS:
        n = f"{t.number:02}"
        own = RATES[t.currency]
        p, q, r = (t.price(o) for o in "PQR")
        bought = max(10, int(t.size))
        exposed = {
            ("ENT-01", f"T{n}", f"p{n}", ""): 5 * p,
            ("ENT-02", f"T{n}", f"q{n}", ""): (bought - 2) * q,
            ("ENT-04", f"T{n}", f"r{n}", ""): r,
            ("ENT-05", f"T{n}", f"p{n}", ""): 2 * p,
            ("USE-02", f"T{n}", f"p{n}", f"s{n}@corp.example"): p,
            ("USE-07", f"T{n}", f"q{n}", f"d{n}@corp.example"): q,
            ("IDN-01", f"T{n}", f"p{n}", f"g{n}@corp.example"): p * 121 / 365,
            ("IDN-09", f"T{n}", f"p{n}", f"o{n}@stranger.example"): p,
            ("CON-01", f"T{n}", f"p{n}", f"c{n}@corp.example"): p,
            ("CON-02", f"T{n}", f"p{n}", f"o{n}@stranger.example"): p,
            ("LRT-07", "", f"p{n}", f"l{n}@corp.example"): p,
        }
        for (rule, *key), amount in exposed.items():
            row = findings(published, rule)[tuple(key)]
            shown = (
                exact(row["exposure_amount"]),
                exact(row["exposure_amount_org"]),
                row["currency"],
                row["currency_org"],
            )
            if amount >= 10**26:
                assert shown[:2] == (None, None), (rule, n)
            else:
                assert shown == (cents(amount), cents(amount * own), t.currency, "EUR"), (rule, n)


def test_costs_are_compared_and_shown_to_the_cent(published):
    to_flex, to_seat = findings(published, "USE-03"), findings(published, "USE-04")
    to_collection, to_single = findings(published, "USE-05"), findings(published, "USE-06")
    days_of_tokens = DAYS
    for t in TEAMS:
        n, own = f"{t.number:02}", RATES[t.currency]
        mixed = t.currency != "EUR"
        rate = own if mixed else Fraction(1)
        flex = Fraction(14 * TOKEN_PRICE * 365, DAYS)
        for who, offering in (("u", "P"), ("k", "K")):
            key, price = (f"T{n}", f"{offering.lower()}{n}", f"{who}{n}@corp.example"), t.price(offering) * rate
            assert (key in to_flex) == (flex < price * Fraction("0.85")), key
            if key in to_flex:
                found = to_flex[key]
                assert (exact(found["amount_now"]), exact(found["amount_alternative"]), found["currency"]) == (
                    cents(price),
                    cents(flex),
                    "EUR",
                )
        key, price = ("", f"r{n}", f"t{n}@corp.example"), t.price("R") * rate
        cost = t.tokens * 2 * TOKEN_PRICE * 365 / days_of_tokens
        assert (key in to_seat) == (cost > price * Fraction("1.15")), key
        if key in to_seat:
            found = to_seat[key]
            assert (exact(found["amount_now"]), exact(found["amount_alternative"]), found["currency"]) == (
                cents(cost),
                cents(price),
                "EUR",
            )
        found = to_collection["", f"l{n}", f"b{n}@corp.example"]
        assert (exact(found["amount_now"]), exact(found["amount_alternative"])) == (
            cents(t.price("P") + t.price("Q")),
            cents(t.price("L")),
        )
        found = to_single[f"T{n}", f"k{n}", f"k{n}@corp.example"]
        assert (exact(found["amount_now"]), exact(found["amount_alternative"])) == (
            cents(t.price("K")),
            cents(t.price("P")),
        )


def test_an_amount_that_stands_twice_in_a_row_is_the_same_amount(published):
    differs = published.execute(
        """
        select rule_id, offering_key, person_key, saving, cost_now, cost_alternative, exposure_amount
        from calendar.reallocation_candidates
        where rule_id <> 'USE-10' and (saving is distinct from cost_now - cost_alternative
            or exposure_amount is distinct from saving)
        """
    ).fetchall()
    assert differs == []
    differs = published.execute(
        """
        select rule_id, offering_key, person_key, excess, exposure_amount from calendar.findings
        where rule_id in ('USE-03', 'USE-04', 'USE-05', 'USE-06') and excess is distinct
            from cast(exposure_amount as double)
           or currency = currency_org and exposure_amount is distinct from exposure_amount_org
        """
    ).fetchall()
    assert differs == []
    assert published.execute(
        "select count(*) from calendar.reallocation_candidates where rule_id = 'USE-10'"
    ).fetchall() == [
        (sum(("", f"r{t.number:02}", f"t{t.number:02}@corp.example") in findings(published, "USE-04") for t in TEAMS),)
    ]
    # The same seat, gap, pool or document in another output.
    pairs = {
        "deprovisioning_list": "select d.exposure_amount, f.exposure_amount from calendar.deprovisioning_list d join "
        "calendar.findings f "
        "using (review_month, team_alias, offering_key, person_key) where f.rule_id in ('USE-01', 'USE-02', 'USE-07', "
        "'CON-01', 'CON-02')",
        "token_forecast": "select p.shortfall_amount, f.exposure_amount from calendar.token_forecast p join "
        "calendar.findings f "
        "using (review_month, team_alias) where f.rule_id = 'FLX-01'",
        "licence_position": "select p.cost_year, f.exposure_amount from calendar.licence_position p join "
        "calendar.findings f "
        "using (review_month, team_alias, offering_key) where f.rule_id = 'USE-02' and p.assigned = 1",
        "renewal_brief": "select saving, spend_now - spend_proposed from calendar.renewal_brief",
        "renewal_mix": "select saving, cost_now - cost_proposed from calendar.renewal_mix",
    }
    for output, query in pairs.items():
        rows = published.execute(query).fetchall()
        assert rows and [r for r in rows if r[0] != r[1]] == [], output


def test_positions_and_counts_cost_what_their_seats_cost(published):
    position = published.execute(
        "select team_alias, offering_key, assigned, cost_year from calendar.licence_position"
    ).fetchall()
    counted = published.execute(
        "select team_alias, offering_key, gap_auditor, money_auditor_list, gap_after, money_after_list from "
        "calendar.auditor_count"
    ).fetchall()
    by_number = {f"{t.number:02}": t for t in TEAMS}
    assert len(position) > 80 and len(counted) > 80
    for _, offering, assigned, cost in position:
        assert exact(cost) == cents(by_number[offering[1:]].price(offering[0].upper()) * assigned)
    for _, offering, gap, money, after, money_after in counted:
        price = by_number[offering[1:]].price(offering[0].upper())
        for seats, amount in ((gap, money), (after, money_after)):
            assert exact(amount) == (None if seats is None else cents(price * max(0, seats))), offering


def test_invoices_are_divided_to_the_cent_and_billed_whole(published):
    borne = dict(published.execute("select document, sum(amount) from calendar.chargeback group by 1").fetchall())
    billed = dict(
        published.execute(
            'select "x_Document", sum("BilledCost") from calendar.focus where "BilledCost" <> 0 group by 1'
        ).fetchall()
    )
    for t in TEAMS:
        n = f"{t.number:02}"
        whole = cents(t.price("P") * 2)
        # Days of 2026 before September and after it.
        assert exact(borne.get(f"I{n}", 0)) == cents(whole * 273 / 365) - cents(whole * 243 / 365)
        whole = cents(t.price("Q") * max(1, int(t.size)))
        assert exact(borne.get(f"J{n}", 0)) == cents(whole * 30 / 365)
        assert exact(billed.get(f"J{n}", 0)) == whole


def test_pools_are_counted_to_the_hundredth_of_a_token(published):
    for team, purchased, consumed, balance, shortfall, amount in published.execute(
        "select team_alias, purchased, consumed, balance, shortfall_tokens, shortfall_amount from "
        "calendar.token_forecast"
    ).fetchall():
        t = TEAMS[int(team[1:])]
        bought, used = t.tokens * 2 + Fraction(1, 100), t.tokens * 2
        assert (exact(purchased), exact(consumed), exact(balance)) == (cents(bought), cents(used), Fraction(1, 100)), (
            team
        )
        # The mean of the last 90 days: the second row, to 2027-03-31.
        short = max(Fraction(0), t.tokens / 90 * 182 - Fraction(1, 100))
        assert (exact(shortfall), exact(amount)) == (cents(short), cents(short * TOKEN_PRICE)), team


def test_large_amounts_can_be_read_on_pages_and_in_workbooks(sizes):
    page = (sizes.data / "published" / "pages" / f"{MONTH}.html").read_text(encoding="utf-8")
    assert re.search(r"\d{1,3}(,\d{3}){5,}", page)
    assert not re.search(r"\d[eE]\+\d", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S))
    books = list((sizes.data / "published").rglob("*.xlsx"))
    assert books
    wide = 0
    for path in books:
        with zipfile.ZipFile(path) as archive:
            for name in (n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")):
                xml = archive.read(name).decode()
                widths = {
                    column: float(width)
                    for first, last, width in re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', xml)
                    for column in range(int(first), int(last) + 1)
                }
                for letters, kind, value in re.findall(
                    r'<c r="([A-Z]+)\d+"(?: s="\d+")?( t="\w+")?><v>([^<]+)</v>', xml
                ):
                    number = float(value) if not kind else 0.0
                    if abs(number) >= 10**9:
                        column = 0
                        for letter in letters:
                            column = column * 26 + ord(letter) - 64
                        wide += 1
                        assert widths.get(column, 8.43) >= len(f"{number:,.2f}"), (path.name, name, letters, value)
    assert wide > 100
