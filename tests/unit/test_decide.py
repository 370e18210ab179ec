"""Decisions of reviewers: what is taken, what is refused and with which words, and that the same words twice are said
once.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.contracts.reference_tables import REFERENCE_TABLES
from pipelines.publish.workbooks import sheets, terms
from pipelines.reviews.decisions import Action, Given, Published, Subject, find_header, judge
from pipelines.reviews.dispositions import DECISIONS, DecisionFileError, Disposition, History, Words, parse, write

MOMENT = datetime(2026, 11, 5, 9, 30)
KNOWN = {
    "a" * 16: Subject("Harbour", "revit", "ana@a.example"),
    "b" * 16: Subject("", "revit", "ben@a.example"),
    "c" * 16: Subject(),
}


def row(
    finding: str, decision: str = "", until: str = "", by: str = "", reason: str = "", **more: str
) -> dict[str, str]:
    return {
        "finding_id": finding,
        "decision": decision,
        "until": until,
        "decided_by": by,
        "reason_for_decision": reason,
        **more,
    }


def decide(*rows: dict[str, str], earlier: tuple[Disposition, ...] = (), by: str = "Ada", **more):
    rows_given = [Given("List", number, texts) for number, texts in enumerate(rows, start=2)]
    return judge(rows_given, Published(KNOWN, **more), History(earlier), MOMENT, by)


def test_a_decision_is_taken_and_an_empty_row_is_left_open():
    outcome = decide(row("a" * 16, "waived", "2026-12-31", reason="project ends"), row("b" * 16))
    assert outcome.new == [Disposition("a" * 16, MOMENT, "waived", date(2026, 12, 31), "Ada", "project ends")]
    assert (outcome.known, outcome.undecided, outcome.refused) == (0, 1, [])


@pytest.mark.parametrize("text", ["False positive", "false-positive", " FALSE_POSITIVE "])
def test_a_decision_may_be_written_in_other_letters(text):
    assert decide(row("a" * 16, text)).new[0].decision == "false_positive"


def test_a_row_of_several_findings_decides_on_each():
    given = {**row("", "remediated"), "finding_ids": f"{'b' * 16};{'a' * 16}"}
    assert [d.finding_id for d in decide(given).new] == ["a" * 16, "b" * 16]


def test_the_name_in_the_row_goes_before_the_one_of_the_command():
    assert decide(row("a" * 16, "accepted", by="Grace")).new[0].by == "Grace"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            row("a" * 16, "maybe"),
            "'maybe' is not a decision; expected one of accepted, waived, remediated, false_positive",
        ),
        (row("d" * 16, "accepted"), "there is no finding 'dddddddddddddddd'"),
        (row("", "accepted"), "names no finding"),
        (row("a" * 16, "", reason="because"), "but no decision"),
        (row("a" * 16, "accepted", "2026-12-31"), "belongs to a waiver"),
        (row("a" * 16, "waived", "31.12.2026"), "is not a date; expected YYYY-MM-DD"),
        (row("a" * 16, "waived", "2026-11-04"), "would have ended on 2026-11-04"),
        (row("a" * 16, "waived", "2026-12-31", reason="x" * 4001), "longer than 4000"),
        (row("a" * 16, "waived", "2026-12-31"), "a waiver needs its last day ('Until') and a reason"),
        (row("a" * 16, "waived", reason="project"), "a waiver needs its last day ('Until') and a reason"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row_and_reason(given, why):
    outcome = decide(row("b" * 16), given)
    assert outcome.new == []
    (refusal,) = outcome.refused
    assert refusal.row == 3 and why in refusal.why


def test_somebody_must_decide():
    (refusal,) = decide(row("a" * 16, "accepted"), by="").refused
    assert "does not say who decides" in refusal.why


def test_two_words_on_one_finding_in_one_workbook_are_refused_and_the_same_word_twice_is_one():
    outcome = decide(row("a" * 16, "accepted"), row("b" * 16, "accepted"), row("a" * 16, "remediated"))
    assert [(r.row, r.column) for r in outcome.refused] == [(2, "decision"), (4, "decision")]
    assert (
        "decided differently in row 4" in outcome.refused[0].why
        and "Remove one of the two" in outcome.refused[0].advice
    )
    assert [d.finding_id for d in outcome.new] == ["b" * 16]
    twice = decide(row("a" * 16, "accepted"), row("a" * 16, "accepted"))
    assert [r.verdict for r in twice.rows] == ["taken", "known"] and len(twice.new) == 1


def test_a_row_of_two_findings_that_another_row_contradicts_in_one_decides_nothing():
    both = {**row("", "accepted"), "finding_ids": f"{'a' * 16};{'b' * 16}"}
    outcome = decide(both, row("b" * 16, "remediated"))
    assert [r.verdict for r in outcome.rows] == ["refused", "refused"] and outcome.new == []


def test_the_same_workbook_again_says_nothing_new_and_a_changed_mind_comes_later():
    first = decide(
        row("a" * 16, "accepted"), row("b" * 16, "waived", "2026-12-31", reason='with "quotes", commas\nand lines')
    )
    kept = tuple(parse(write([], first.new)))
    assert list(kept) == first.new
    again = decide(
        row("a" * 16, "accepted"),
        row("b" * 16, "waived", "2026-12-31", reason='with "quotes", commas\nand lines'),
        earlier=kept,
    )
    assert again.new == [] and again.known == 2
    changed = decide(row("a" * 16, "remediated"), earlier=kept).new
    assert changed[0].decided_at > kept[0].decided_at


def test_the_month_that_a_decision_judges_is_kept_as_the_file_says_it():
    text = "finding_id,decided_at,decision,until,by,reason,review_month\na,2026-11-05 00:00:00,accepted,,Ada,,2026-10\n"
    (kept,) = parse(text)
    assert kept.review_month == "2026-10"
    assert write([kept], []) == text


def test_a_file_that_is_another_one_is_refused():
    with pytest.raises(
        DecisionFileError, match="lacks the columns finding_id, decided_at, decision, until, by, reason"
    ):
        parse("finding_id;x\n1;2\n")
    with pytest.raises(DecisionFileError, match="row 1"):
        parse("finding_id,decided_at,decision,until,by,reason\na,yesterday,accepted,,,\n")


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(deadline=None)
@given(by=TEXTS, reason=TEXTS)
@example(by="Ada\rExample", reason="first\rsecond\r\nthird\r")
def test_a_decision_is_read_as_it_was_written_and_said_again_says_nothing_new(by: str, reason: str):
    said = row("a" * 16, "accepted", by=by, reason=reason)
    new = decide(said).new
    kept = parse(write([], new))
    assert kept == new
    again = decide(said, earlier=tuple(kept))
    assert (again.new, again.known, again.refused) == ([], 1, [])


def test_a_file_that_is_no_csv_is_refused_in_words():
    text = write([], [Disposition("a" * 16, MOMENT, "accepted", None, "Ada", "x")])
    with pytest.raises(DecisionFileError, match="cannot be read as CSV"):
        parse(text.replace(",x", ",x\ry"))


def test_the_header_is_found_below_a_title():
    assert find_header([["my list"], [], ["severity", "decision", "finding_ids"]]) == 2
    assert find_header([["severity", "finding_id"]]) is None


def test_workbook_contract_and_command_know_the_same_decisions():
    contract = next(t for t in REFERENCE_TABLES if t.name == "dispositions")
    (values,) = [c.values for c in contract.columns if c.name == "decision"]
    assert tuple(values) == DECISIONS == terms.DECISIONS


def test_columns_that_say_what_a_row_is_about_stand_before_the_decision_and_ids_behind_it():
    for name, sheet in sheets.SHEETS.items():
        if sheet.decidable:
            assert {"team_alias", "offering_key", "person_key"} <= set(sheet.lead), name
            assert not {"finding_id", "finding_ids", "action_id"} & set(sheet.lead), name


def test_a_decision_judges_the_month_of_its_row_whenever_it_is_made():
    (made,) = decide(row("a" * 16, "accepted", review_month="2026-10")).new
    assert (made.review_month, made.decided_at) == ("2026-10", MOMENT)
    assert write([], [made]).splitlines() == [
        "finding_id,decided_at,decision,until,by,reason,review_month",
        f"{'a' * 16},2026-11-05 09:30:00,accepted,,Ada,,2026-10",
    ]
    # A spreadsheet may have made a date of it; a decision without a month is one of the month in which it is made.
    assert decide(row("a" * 16, "accepted", review_month="2026-10-01")).new[0].review_month == "2026-10"
    assert decide(row("a" * 16, "accepted")).new[0].review_month == ""
    (refusal,) = decide(row("a" * 16, "accepted", review_month="October")).refused
    assert "'October' is not a review month" in refusal.why


@pytest.mark.parametrize(
    ("about", "why"),
    [
        (
            {"team_alias": "Field Office"},
            f"finding {'a' * 16} is about the team 'Harbour', and the row is about 'Field",
        ),
        ({"offering_key": "maya"}, "is about the offering 'revit', and the row is about 'maya'"),
        ({"person_key": "eve@a.example"}, "is about the person 'ana@a.example', and the row is about 'eve@a.example'"),
    ],
)
def test_a_row_about_another_team_offering_or_person_than_its_finding_is_refused(about, why):
    outcome = decide(row("b" * 16), row("a" * 16, "accepted", **about))
    (refusal,) = outcome.refused
    assert refusal.row == 3 and why in refusal.why and outcome.new == []


def test_a_row_says_less_than_its_finding_or_more_than_a_finding_without_a_team():
    fits = row("a" * 16, "accepted", team_alias="Harbour", offering_key="revit", person_key="")
    # USE-08 names no team; the row names that of the seat.
    assert len(decide(fits, row("b" * 16, "accepted", team_alias="Anywhere")).new) == 2


def test_an_action_that_comes_filled_in_decides_nothing_until_it_says_something_else():
    before = Disposition("a" * 16, datetime(2026, 10, 2), "waived", date(2026, 10, 31), "Ada", "project")
    both = frozenset({"a" * 16, "b" * 16})
    actions = {("2026-10", "1"): Action(Subject(), both, Words("waived", "2026-10-31", "Ada", "project"))}
    ids = f"{'a' * 16};{'b' * 16}"
    given = row("", "waived", "2026-10-31", "Ada", "project", action_id="1", finding_ids=ids, review_month="2026-10")
    unchanged = decide(given, earlier=(before,), actions=actions)
    # The waiver ended before the workbook was handed in: it was given in time.
    assert [r.verdict for r in unchanged.rows] == ["known"] and unchanged.new == []
    changed = decide({**given, "until": "2026-12-31"}, earlier=(before,), actions=actions)
    assert [d.finding_id for d in changed.new] == ["a" * 16, "b" * 16]
    # Without ids in the row it means all findings of the action.
    without = decide({**given, "until": "2026-12-31", "finding_ids": ""}, earlier=(before,), actions=actions)
    assert [d.finding_id for d in without.new] == ["a" * 16, "b" * 16]


def test_an_action_decided_in_the_words_of_one_of_its_findings_reaches_the_others():
    before = Disposition("a" * 16, datetime(2026, 10, 2), "accepted", None, "Ada", "project")
    actions = {("2026-10", "1"): Action(Subject(), frozenset({"a" * 16, "b" * 16}))}
    given = row("", "accepted", "", "Ada", "project", action_id="1", review_month="2026-10")
    assert [d.finding_id for d in decide(given, earlier=(before,), actions=actions).new] == ["b" * 16]


def test_a_workbook_that_comes_late_does_not_bring_back_what_was_decided_otherwise_since():
    first = Disposition("a" * 16, datetime(2026, 10, 2), "accepted", None, "Ada", "")
    then = Disposition("a" * 16, datetime(2026, 10, 9), "remediated", None, "Grace", "")
    late = decide(row("a" * 16, "accepted", by="Ada"), earlier=(first, then))
    assert late.new == [] and late.rows[0].verdict == "known"
    assert "since then remediated by Grace on 2026-10-09, which is in force" in late.rows[0].why
    meant = decide(row("a" * 16, "accepted", by="Ada", reason="again"), earlier=(first, then))
    assert [d.decision for d in meant.new] == ["accepted"]
    assert meant.rows[0].why == "replaces: remediated by Grace on 2026-10-09"


@pytest.mark.parametrize(
    ("more", "column", "why"),
    [
        ({"action_id": "2e"}, "action_id", "there is no action '2e'"),
        ({"action_id": "1.5E+15"}, "action_id", "there is no action '1.5E+15'"),
        ({"person_key": "eve@a.example"}, "person_key", "action 1 is about the person 'ana@a.example'"),
        ({"finding_ids": "b" * 16}, "finding_ids", "is not one of action 1"),
        ({"review_month": ""}, "review_month", "names no review month"),
        ({"review_month": "2026-12"}, "review_month", "the review of 2026-12 is not published"),
    ],
)
def test_a_row_of_another_action_than_it_says_is_refused(more, column, why):
    actions = {("2026-10", "1"): Action(KNOWN["a" * 16], frozenset({"a" * 16}))}
    given = {**row("", "accepted", action_id="1", finding_ids="a" * 16, review_month="2026-10"), **more}
    outcome = decide(given, actions=actions, months={"2026-10"})
    (refusal,) = outcome.refused
    assert refusal.column == column and why in refusal.why and outcome.new == []
    assert refusal.advice.startswith("A spreadsheet may have turned the identifier") == (
        more.get("action_id") == "1.5E+15"
    )


def test_a_row_of_another_rule_than_its_finding_is_refused():
    known = {"a" * 16: Subject("", "", "", "USE-01")}
    given = [Given("List", 2, row("a" * 16, "accepted", rule_id="USE-02"))]
    outcome = judge(given, Published(known), History(), MOMENT, "Ada")
    assert "is about the rule 'USE-01', and the row is about 'USE-02'" in outcome.refused[0].why
