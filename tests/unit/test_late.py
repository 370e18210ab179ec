"""What is late on a day: reviews, months without a drop, months that stay provisional; and when reviews come due."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from pipelines.reviews.activities import (
    BRIEF,
    MONTHLY,
    MONTHLY_DUE_DAY,
    QUARTERLY,
    QUARTERLY_DUE_DAY,
    READINESS,
    READINESS_DAYS,
    RENEWAL_DUE_DAYS,
    Contract,
    pre_renewal_reviews,
    reviews_of,
)
from pipelines.reviews.overdue import Unanswered, absent_months, overdue_provisional_months, overdue_reviews, unanswered


def review(
    month: str, due_on: date | None, due: bool = True, signed: datetime | None = None, contract: str = ""
) -> dict:
    return {
        "review_month": month,
        "activity": "user_activity_audit",
        "output": "deprovisioning_list",
        "period": month,
        "contract_number": contract,
        "due": due,
        "due_on": due_on,
        "signed_off_at": signed,
    }


def test_a_review_is_overdue_the_day_after_its_due_date_and_not_on_it():
    rows = [review("2026-10", date(2026, 11, 10))]
    assert overdue_reviews(rows, [], date(2026, 11, 10)) == []
    assert [r.why for r in overdue_reviews(rows, [], date(2026, 11, 11))] == ["not signed"]


def test_what_was_signed_or_never_due_is_not_overdue():
    rows = [
        review("2026-10", date(2026, 11, 10), signed=datetime(2026, 11, 2)),
        review("2026-10", date(2026, 11, 15), due=False),
        review("2026-10", None, due=False),
    ]
    assert overdue_reviews(rows, [], date(2026, 12, 9)) == []


def test_a_month_that_was_never_made_counts_with_every_review_that_it_owed():
    rows = [review("2026-08", date(2026, 9, 10), signed=datetime(2026, 9, 1))]
    late = overdue_reviews(rows, [], date(2026, 10, 12))
    assert {(r.period, r.why) for r in late} == {("2026-09", "never produced")}
    assert [r.activity for r in late] == sorted(a for a, _ in MONTHLY)
    # The 15th has not passed on the 12th; on the 16th the quarterly reviews of September are late as well.
    later = overdue_reviews(rows, [], date(2026, 10, 16))
    assert {r.activity for r in later} - {r.activity for r in late} == {a for a, _ in QUARTERLY}


def test_pre_renewal_reviews_come_due_by_the_dates_of_each_contract():
    found = pre_renewal_reviews([Contract("C1", date(2027, 3, 31)), Contract("C2", date(2027, 6, 1))])
    assert [(r.contract_number, r.output, r.period, r.due_on) for r in found] == [
        ("C1", "renewal_brief", "2026-11", date(2026, 12, 31)),
        ("C1", "audit_readiness", "2026-12", date(2026, 12, 31)),
        ("C2", "renewal_brief", "2027-02", date(2027, 3, 3)),
        ("C2", "audit_readiness", "2027-02", date(2027, 3, 3)),
    ]
    assert {r.output for r in reviews_of("2027-02", [Contract("C2", date(2027, 6, 1))])} == {
        *(o for _, o in MONTHLY),
        "audit_readiness",
        "renewal_brief",
    }


def test_a_pre_renewal_review_of_a_month_that_was_never_made_is_missed():
    rows = [review("2026-10", date(2026, 11, 10), signed=datetime(2026, 11, 1))]
    late = [
        r for r in overdue_reviews(rows, [Contract("C1", date(2027, 3, 31))], date(2027, 1, 1)) if r.contract_number
    ]
    assert {(r.output, r.contract_number) for r in late} == {("renewal_brief", "C1"), ("audit_readiness", "C1")}


def test_a_month_between_drops_is_absent_and_one_after_them_when_its_reviews_came_due():
    drops = ["2026-06", "2026-08"]
    assert [a.month for a in absent_months(drops, date(2026, 10, 10))] == ["2026-07"]
    assert [a.month for a in absent_months(drops, date(2026, 10, 11))] == ["2026-07", "2026-09"]
    assert absent_months([], date(2026, 10, 11)) == []
    assert absent_months(["2026-08"], date(2026, 9, 1)) == []


def test_a_month_is_provisional_past_its_time_when_the_drop_two_months_later_is_late():
    states = {"2026-07": "provisional", "2026-06": "settled", "2026-08": "provisional"}
    assert overdue_provisional_months(states, date(2026, 10, 10)) == []
    assert overdue_provisional_months(states, date(2026, 10, 11)) == ["2026-07"]


def test_a_brief_that_is_made_in_two_months_is_late_once():
    both = [
        {
            **review(m, date(2026, 11, 16), contract="110"),
            "activity": "entitlement_vs_billing",
            "output": "renewal_brief",
        }
        for m in ("2026-11", "2026-10")
    ]
    (late,) = overdue_reviews(both, [], date(2026, 11, 30))
    assert (late.period, late.contract_number) == ("2026-10", "110")


def test_the_terms_are_those_of_the_models():
    text = (Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "reviews.sql").read_text()
    rows = re.findall(r"\('(\w+)', '(\w+)', '(monthly|quarterly|pre_renewal)'", text)
    assert {(a, o) for a, o, f in rows if f == "monthly"} == set(MONTHLY)
    assert {(a, o) for a, o, f in rows if f == "quarterly"} == set(QUARTERLY)
    assert {(a, o) for a, o, f in rows if f == "pre_renewal"} == {READINESS, BRIEF}
    # Days are added to the first of the next month: the 10th is 9 days later.
    days = [int(d) + 1 for d in re.findall(r"add_months\(month_start, 1\), (\d+)\)", text)]
    assert days == [MONTHLY_DUE_DAY, QUARTERLY_DUE_DAY]
    before = [int(d) for d in re.findall(r"add_days\(renewal_date, -(\d+)\)", text)]
    assert before == [RENEWAL_DUE_DAYS, READINESS_DAYS, RENEWAL_DUE_DAYS, RENEWAL_DUE_DAYS]


def test_actions_that_nobody_answered_are_counted_by_person_once_the_review_of_their_first_month_is_past_its_day():
    proposed = [("ben@a.example", "2026-10"), ("ada@a.example", "2026-10"), ("ada@a.example", "2026-09")]
    assert unanswered(proposed, date(2026, 11, 10)) == [Unanswered("ada@a.example", 1, date(2026, 10, 10))]
    assert unanswered(proposed, date(2026, 11, 11)) == [
        Unanswered("ada@a.example", 2, date(2026, 10, 10)),
        Unanswered("ben@a.example", 1, date(2026, 11, 10)),
    ]
