"""Alerts: what is worth saying, in which words, and what is remembered. The channels have tests of their own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.alerts.alert import KINDS, MOST_ITEMS, Alert, Item, as_slack, as_text, subject
from pipelines.alerts.conditions import JUDGED, Facts, due_alerts, failed_run
from pipelines.alerts.delivery_log import MemoryFileError, forget_over, read, remember, write
from pipelines.reviews.activities import Contract

TODAY = date(2026, 11, 25)
REVIEW = {
    "review_month": "2026-10",
    "period": "2026-10",
    "contract_number": "11000000002",
    "due": True,
    "due_on": date(2026, 11, 17),
    "state": "produced",
    "signed_off_at": None,
}
FACTS = Facts(
    drops=["2026-06", "2026-08", "2026-10"],
    reviews=[
        {**REVIEW, "activity": "lrt_pre_audit", "output": "audit_readiness"},
        {**REVIEW, "activity": "entitlement_vs_billing", "output": "renewal_brief"},
    ],
    contracts=[Contract("11000000002", date(2027, 2, 15))],
    states={"2026-08": "provisional"},
    not_made=[
        ("2026-10", "output", "focus", "stg_outside__invoices failed: a text of ada@corp.example"),
        ("2026-10", "rule", "ENT-03", "stg_outside__invoices failed: a text of ada@corp.example"),
    ],
    cliffs=[{"team_alias": "Ada's team", "offering_key": "ACD", "cliff_date": date(2026, 12, 1), "excess": 4.0}],
    pools=[
        {
            "team_alias": "Ada's team",
            "adequacy": "short",
            "exhaustion_date": date(2027, 1, 5),
            "term_end": date(2027, 5, 30),
        },
        {"team_alias": "Other", "adequacy": "adequate", "exhaustion_date": None, "term_end": date(2027, 5, 30)},
    ],
)


def test_every_kind_of_fact_is_said_in_a_fixed_order():
    found = due_alerts(FACTS, TODAY)
    assert [(a.kind, len(a.items)) for a in found] == [
        ("not_made", 1),
        ("absent_month", 2),
        # The report and the brief of one contract.
        ("overdue_review", 2),
        ("provisional", 1),
        ("expiry_cliff", 1),
        ("tokens", 1),
    ]
    assert set(JUDGED) == {a.kind for a in found} and set(JUDGED) < set(KINDS)


def test_a_month_made_in_part_is_counted_and_its_causes_are_names():
    (item,) = due_alerts(FACTS, TODAY)[0].items
    assert item.words(names=False) == "2026-10 was made only in part: 1 output, 1 rule not made"
    assert item.words(names=True).endswith("stg_outside__invoices failed: a text of ada@corp.example")


def test_facts_that_are_in_order_are_not_worth_an_alert():
    assert due_alerts(Facts(drops=["2026-10"], states={"2026-08": "settled"}), TODAY) == []
    past = [{"team_alias": "T", "offering_key": "ACD", "cliff_date": date(2026, 11, 24), "excess": 4.0}]
    assert due_alerts(Facts(drops=["2026-10"], cliffs=past), TODAY) == []


def test_seats_that_end_today_are_still_worth_an_alert():
    today = [{"team_alias": "T", "offering_key": "ACD", "cliff_date": TODAY, "excess": 4.0}]
    assert [a.kind for a in due_alerts(Facts(drops=["2026-10"], cliffs=today), TODAY)] == ["expiry_cliff"]


def test_without_permission_an_alert_names_no_contract_team_product_or_cause():
    found = [*due_alerts(FACTS, TODAY), failed_run(["2026-09", "2026-10"], "bad value ada@corp.example", TODAY)]
    for told in (as_text(found, False), json.dumps(as_slack(found, False))):
        for secret in ("Ada", "ACD", "11000000002", "corp.example"):
            assert secret not in told
        assert "4 assigned seats" in told and "2026-12-01" in told
    told = as_text(found, True)
    assert all(name in told for name in ("Ada's team", "ACD", "11000000002", "ada@corp.example"))


def test_the_memory_of_what_was_said_holds_no_names():
    keys = [i.key for a in [*due_alerts(FACTS, TODAY), failed_run([], "ada@corp.example", TODAY)] for i in a.items]
    assert not [k for k in keys if "Ada" in k or "ACD" in k or "corp" in k]
    assert len(set(keys)) == len(keys)


def test_a_fact_has_the_same_key_tomorrow_and_a_failed_run_another_one():
    keys = {i.key for a in due_alerts(FACTS, TODAY) for i in a.items}
    assert keys == {i.key for a in due_alerts(FACTS, date(2026, 11, 26)) for i in a.items}
    today, tomorrow = (failed_run([], "x", d).items[0].key for d in (TODAY, date(2026, 11, 26)))
    assert today != tomorrow


def test_slack_cannot_be_made_to_link_or_call_people_by_what_is_in_a_file():
    alert = Alert("failed_run", (Item("k", "failed", "<!channel> & <http://evil.example|click>"),))
    told = as_slack([alert], True)["blocks"][0]["text"]["text"]
    assert "&lt;!channel&gt; &amp; &lt;http" in told and "<" not in told


def test_long_lists_are_cut_with_their_number_and_titles_count():
    alert = Alert("overdue_review", tuple(Item(f"k{i}", f"review {i}") for i in range(MOST_ITEMS + 3)))
    assert alert.lines(False)[-1] == "and 3 more" and len(alert.lines(False)) == MOST_ITEMS + 1
    assert subject([alert]) == "selfaudit: 13 reviews are overdue"
    assert subject([alert.without({f"k{i}" for i in range(1, 20)})]) == "selfaudit: a review is overdue"


def test_what_is_over_is_forgotten_and_said_again_when_it_comes_back(tmp_path: Path):
    memory = remember({}, "webhook", ["tokens:1", "tokens:2", "failed_run:3"], TODAY)
    kept = forget_over(memory, JUDGED, {"tokens:2"}, TODAY)
    assert kept == {"webhook": {"tokens:2": "2026-11-25", "failed_run:3": "2026-11-25"}}
    assert "failed_run:3" not in forget_over(memory, JUDGED, {"tokens:2"}, date(2026, 11, 26))["webhook"]
    # A failed run says nothing about the rest, on whatever day: that is kept.
    assert set(forget_over(memory, (), set(), date(2027, 1, 1))["webhook"]) == {"tokens:1", "tokens:2"}
    write(tmp_path / "said.json", kept)
    assert read(tmp_path / "said.json") == kept


def test_a_damaged_memory_says_what_to_do(tmp_path: Path):
    (tmp_path / "said.json").write_text("{")
    with pytest.raises(MemoryFileError, match="Delete it"):
        read(tmp_path / "said.json")
