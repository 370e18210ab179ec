"""Actions of the demo against its findings and lists: no seat twice, sums to the cent, the same amounts everywhere.

What a model does row by row is in its unit tests.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed


@pytest.fixture(scope="module")
def published(demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    yield connection
    connection.close()


def rows(published: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return published.execute(query).fetchall()


def test_every_rule_of_the_catalogue_says_what_it_asks_for():
    macro = (ROOT / "dbt_project" / "macros" / "actions.sql").read_text(encoding="utf-8")
    said = re.findall(r"\('([A-Z]{3}-\d\d)', '(\w+)', '(owe|risk|save|govern)', '([TOPSC]+)'\)", macro)
    with (ROOT / "dbt_project" / "seeds" / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        catalogue = {row["rule_id"]: row["key"] for row in csv.DictReader(handle)}
    assert {rule for rule, *_ in said} == set(catalogue)
    assert len(said) == len(catalogue)
    for rule, subject, _, parts in said:
        named = set(re.findall(r"\b[TOPS]\b", catalogue[rule]))
        # The team of USE-08 is that of each seat beyond the one that stays; C is read from the scope.
        assert set(parts.replace("C", "S")) <= named | ({"T"} if rule == "USE-08" else set()), (rule, subject)


def test_what_is_owed_is_the_excess_of_every_over_assignment_at_its_price(published):
    owed = rows(
        published,
        "select review_month, currency, sum(amount) from calendar.actions where kind = 'owe' and state in "
        "('proposed', 'decided', 'in_work') group by all order by all",
    )
    excess = rows(
        published,
        "select review_month, currency, sum(exposure_amount) from calendar.findings where rule_id in ('ENT-01', "
        "'ENT-04') group by all order by all",
    )
    assert owed == excess
    assert len(owed) == 6


def test_a_seat_of_the_list_is_in_one_action_with_the_amount_of_one_seat(published):
    listed = rows(
        published,
        "select review_month, team_alias, offering_key, person_key, exposure_amount from calendar.deprovisioning_list "
        "where action in ('unassign', 'edit_group') order by all",
    )
    acted = rows(
        published,
        "select review_month, team_alias, offering_key, person_key, amount from calendar.actions where subject_type "
        "= 'seat' and last_seen_month = review_month "
        "and seats = 1 order by all",
    )
    assert acted == listed
    for wanted in ("USE-07", "USE-08"):
        assert rows(published, f"select 1 from calendar.actions where contains(rule_ids, '{wanted}') limit 1")


def test_every_finding_that_asks_for_something_is_in_an_action_and_none_is_in_two_of_one_subject(published):
    without = rows(
        published,
        "select f.rule_id, f.finding_id from calendar.findings as f where f.severity <> 'info' and not exists "
        "(select 1 from calendar.actions as a "
        "where a.review_month = f.review_month and list_contains(string_split(a.finding_ids, ';'), f.finding_id))",
    )
    assert without == []
    twice = rows(
        published,
        "select review_month, finding_id, count(*) from (select review_month, unnest(string_split(finding_ids, ';')) "
        "as finding_id from calendar.actions) "
        "group by all having count(*) > 1",
    )
    assert twice == []


def test_proposed_is_realised_pending_refused_and_lapsed_to_the_cent_in_every_month_and_currency(published):
    found = rows(
        published,
        "select review_month, currency, sum(proposed_amount), sum(realised_amount), sum(pending_amount), "
        "sum(refused_amount), sum(lapsed_amount) "
        "from calendar.savings where proposed_amount is not null group by all order by all",
    )
    assert len({month for month, *_ in found}) == 6
    for month, currency, proposed, *parts in found:
        assert proposed == sum(parts), (month, currency)
    assert sum(realised for _, _, _, realised, *_ in found) > 0
    assert sum(refused for *_, refused, _ in found) > 0


def test_totals_are_the_open_actions_and_those_of_the_month_before(published):
    wanted: dict[tuple, list] = defaultdict(lambda: [0, Decimal(0), 0])
    for month, kind, currency, basis, amount in rows(
        published,
        "select review_month, kind, currency, price_basis, amount from calendar.actions where state in ('proposed', "
        "'decided', 'in_work')",
    ):
        total = wanted[month, kind, currency, basis]
        total[0] += 1
        total[1] += amount or 0
        total[2] += amount is None and kind != "govern"
    columns = "review_month, kind, currency, price_basis, number, amount, unpriced"
    now = f"select {columns} from calendar.action_totals where number > 0"
    assert {tuple(r[:4]): list(r[4:]) for r in rows(published, now)} == dict(wanted)
    before = rows(
        published,
        "select t.* from calendar.action_totals as t join calendar.action_totals as b on b.review_month = "
        "strftime(cast(t.review_month || '-01' as date) - 1, '%Y-%m') "
        "and b.kind = t.kind and b.currency is not distinct from t.currency and b.price_basis = t.price_basis and "
        "b.number > 0 "
        "where (t.number_before, t.amount_before, t.unpriced_before) is distinct from (b.number, b.amount, b.unpriced)",
    )
    assert before == []


def test_money_stands_above_what_costs_nothing_and_each_action_has_a_place_of_its_own(published):
    latest = "(select max(review_month) from calendar.actions)"
    first = rows(published, f"select kind from calendar.actions where review_month = {latest} order by place")
    kinds = [kind for (kind,) in first]
    stock = rows(
        published,
        f"select place from calendar.actions where review_month = {latest} and subject_type = 'stock' and amount = "
        "80000",
    )
    assert stock and stock[0][0] == kinds.index("save") + 1
    assert kinds.index("owe") < kinds.index("save") < kinds.index("govern")
    places = rows(published, "select review_month, list(place order by place) from calendar.actions group by all")
    assert all(found == list(range(1, len(found) + 1)) for _, found in places)


def test_nothing_done_is_still_there_and_realised_money_is_of_what_is_done(published):
    assert (
        rows(
            published,
            "select a.action_id from calendar.actions as a join marts.fct_assignment_monthly as s using "
            "(review_month, team_alias, offering_key, person_key) "
            "where a.state = 'done' and a.subject_type = 'seat'",
        )
        == []
    )
    assert (
        rows(
            published,
            "select action_id from calendar.actions where (realised_amount is not null and state <> 'done') or "
            "(state = 'done' and seen_done_in <> review_month)",
        )
        == []
    )
