"""Sign-offs and the iCalendar of what is due."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest

from pipelines.reviews.sign_off import AlreadySignedError, SignOffError, as_csv, due_as_icalendar, sign

AT = datetime(2026, 11, 5, 9, 30)
REVIEWS = [
    {"activity": "user_activity_audit", "output": "deprovisioning_list", "period": "2026-10", "state": "produced"},
    {"activity": "admin_privilege", "output": "admin_roster_reconciliation", "period": "2026-10", "state": "not_due"},
]
NOW = {"contract_number": "", "subject": "", "is_ahead": False}


def test_a_produced_review_is_signed_with_the_entry_that_was_looked_at():
    new = sign(REVIEWS, [], "deprovisioning_list", "2026-10", " Ada Example ", AT, "abc", "fine")
    assert new.row() == {
        "activity": "user_activity_audit",
        "period": "2026-10",
        "by": "Ada Example",
        "at": "2026-11-05T09:30:00Z",
        "publication_sha256": "abc",
        "note": "fine",
    }


@pytest.mark.parametrize(
    ("activity", "period", "by", "sha", "says"),
    [
        ("user_activity_audit", "2026-10", " ", "abc", "needs a name"),
        ("nonsense", "2026-10", "Ada", "abc", "Reviews: admin_privilege, user_activity_audit"),
        ("user_activity_audit", "2026-09", "Ada", "abc", "never made"),
        ("admin_privilege", "2026-10", "Ada", "abc", "not due"),
        ("user_activity_audit", "2026-10", "Ada", "", "never published"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_the_reason(activity, period, by, sha, says):
    with pytest.raises(SignOffError, match=says):
        sign(REVIEWS, [], activity, period, by, AT, sha)


def test_nobody_signs_twice():
    earlier = [sign(REVIEWS, [], "user_activity_audit", "2026-10", "Ada", AT, "abc").row()]
    with pytest.raises(AlreadySignedError, match="was signed by Ada at 2026-11-05") as raised:
        sign(REVIEWS, earlier, "user_activity_audit", "2026-10", "Bob", AT, "abc")
    assert raised.value.by == "Ada"
    assert sign(REVIEWS, [{**earlier[0], "period": "2026-09"}], "user_activity_audit", "2026-10", "Bob", AT, "abc")


def test_the_table_keeps_earlier_rows_and_columns_of_the_company():
    new = sign(REVIEWS, [], "user_activity_audit", "2026-10", "Ada, the first", AT, "abc")
    text = as_csv([{"activity": "x", "period": "2026-09", "by": "Bob", "room": "12"}], new)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["by"] for r in rows] == ["Bob", "Ada, the first"]
    assert rows[0]["room"] == "12"


def test_a_note_of_several_lines_is_one_cell_of_one_row():
    new = sign(REVIEWS, [], "user_activity_audit", "2026-10", "Ada", AT, "abc", "first\rsecond\r\nthird\r")
    assert list(csv.DictReader(io.StringIO(as_csv([], new), newline=""))) == [new.row()]
    assert new.note == "first\nsecond\r\nthird"


def test_what_waits_is_an_all_day_event_with_folded_lines_and_escaped_text():
    reviews = [
        {**REVIEWS[0], **NOW, "contract_number": "a;b,c" * 20, "due_on": date(2026, 11, 10)},
        {**REVIEWS[1], **NOW, "due_on": date(2026, 11, 15)},
        {**REVIEWS[0], **NOW, "due_on": date(2026, 11, 10), "state": "signed_off"},
    ]
    text = due_as_icalendar(reviews, date(2026, 10, 31))
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART;VALUE=DATE:20261110\r\n" in text and "DTEND;VALUE=DATE:20261111\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "a\\;b\\,c" in text.replace("\r\n ", "")
    assert text == due_as_icalendar(list(reversed(reviews)), date(2026, 10, 31))


def test_what_comes_is_in_the_calendar_too_and_a_brief_of_two_months_is_there_once():
    brief = {"activity": "entitlement_vs_billing", "output": "renewal_brief", "state": "produced", **NOW}
    brief |= {"contract_number": "110", "due_on": date(2026, 11, 16)}
    ahead = {"output": None, "state": "not_due", **NOW, "is_ahead": True, "due_on": date(2027, 2, 14)}
    reviews = [
        {**brief, "period": "2026-11"},
        {**brief, "period": "2026-10"},
        {**ahead, "activity": "renewal", "period": "2027-02", "contract_number": "110"},
        {**ahead, "activity": "pack_ends", "period": "2027-02", "subject": "River Works FP-3"},
    ]
    lines = due_as_icalendar(reviews, date(2026, 11, 30)).replace("\r\n ", "").split("\r\n")
    assert [line.partition(":")[2] for line in lines if line.startswith("SUMMARY")] == [
        "Review entitlement vs billing of 2026-10\\, contract 110",
        "Last day of a pack of Flex tokens: River Works FP-3",
        "Renewal\\, contract 110",
    ]
    names = [line for line in lines if line.startswith("UID")]
    assert len(set(names)) == 3 and not any(" " in name for name in names)
