"""`selfaudit explain`: one finding of every rule of the demo, in words a licence manager reads, with its numbers and
the rows of the files.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from pipelines.commands.explain import explain
from pipelines.settings import Settings
from tests.conftest import Reviewed, selfaudit

# What belongs to models and files of ours and not into a sentence for people.
INTERNAL = re.compile(
    r"\bNone\b|\bnull\b|\bnan\b|[{}]|\bas_of\b|drop\(|\bin "
    r"A\b|E\(|gap_team|gap_org|person_key|offering_key|days_12m|\d\.0\b|hash:|\bfolded\b"
)
EVIDENCE = re.compile(r"^  \S.* row \d+ \(sha256 [0-9a-f]{12}\)$", re.M)


@pytest.fixture(scope="module")
def catalogue(demo: Reviewed) -> dict[str, dict[str, str]]:
    with duckdb.connect(str(demo.published), read_only=True) as con:
        cursor = con.execute("select * from meta.rule_catalogue order by rule_id")
        names = [d[0] for d in cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def findings(demo: Reviewed) -> dict[str, tuple[str, int, float | None]]:
    """Of each rule the newest finding: id, number of rows, observed."""
    with duckdb.connect(str(demo.published), read_only=True) as con:
        found = con.execute(
            "select rule_id, max_by((finding_id, evidence_count, observed), (review_month, finding_id)) from "
            "calendar.findings group by 1"
        ).fetchall()
    return {rule: tuple(one.values()) if isinstance(one, dict) else one for rule, one in found}


def test_the_demo_has_a_finding_of_every_rule(demo: Reviewed, catalogue):
    assert set(findings(demo)) == set(catalogue) and len(catalogue) == 68


def test_every_rule_is_explained_with_title_question_numbers_and_rows_and_without_internal_names(
    demo: Reviewed, catalogue, capsys
):
    settings = Settings(data=demo.data)
    for rule, (finding, rows, observed) in findings(demo).items():
        assert explain(settings, finding, None, as_json=False) == 0
        said = capsys.readouterr().out
        words = said[: said.index("Based on")]
        row = catalogue[rule]
        assert said.startswith(f"{rule}  {row['title']}\n"), said
        for part in (row["question"], row["in_words"], "About:", "Here:", "To do:", "History:", "Money:"):
            assert part in words, (rule, part)
        assert not INTERNAL.search(words), (rule, INTERNAL.search(words), words)
        if row["unit"] == "none":
            assert "Observed:" not in words, rule
        else:
            assert re.search(r"^Observed: +(\d[\d,.]*\s|not known|\d+$)", words, re.M), (rule, words)
        assert observed is not None or "not known" in words, rule
        shown = EVIDENCE.findall(said)
        if rule == "CAL-01":
            assert not shown and "Based on no row of a file" in said
            continue
        assert 1 <= len(shown) <= min(rows, 10), (rule, said)
        assert not re.search(r"\b_\w+:|Decimal|datetime", said), rule


def test_a_ghost_is_shown_with_the_seat_and_with_what_the_directory_or_hr_says(demo: Reviewed, capsys):
    (finding, _, _) = findings(demo)["IDN-01"]
    explain(Settings(data=demo.data), finding, None, as_json=False)
    said = capsys.readouterr().out
    assert "seat assignment: assigned" in said and "employee id:" in said


def test_a_difference_of_prices_is_shown_with_contract_invoice_and_portal(demo: Reviewed, capsys):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        ((finding,),) = con.execute(
            "select min(finding_id) from calendar.findings where rule_id = 'ENT-03' and scope like '%:unit_price' and "
            "review_month = '2026-10'"
        ).fetchall()
    explain(Settings(data=demo.data), finding, "2026-10", as_json=False)
    said = capsys.readouterr().out
    for part in ("invoice number:", "unit price:", "subscription id:", "EUR a seat, agreed at"):
        assert part in said


def test_the_rows_are_those_of_the_month_where_the_same_file_lies_in_several_drops(demo: Reviewed, capsys):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        ((finding,),) = con.execute(
            "select min(finding_id) from calendar.findings where rule_id = 'FLX-01' and review_month = '2026-10'"
        ).fetchall()
    explain(Settings(data=demo.data), finding, "2026-10", as_json=False)
    assert re.search(r"^  2026-10/portal/flex packs", capsys.readouterr().out, re.M)


def test_the_command_prints_the_limit_that_is_set_and_knows_no_other_finding(demo: Reviewed):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        ((finding,),) = con.execute(
            "select finding_id from calendar.findings where rule_id = 'USE-01' and review_month = '2026-10' and "
            "observed = 90"
        ).fetchall()
    said = selfaudit(demo.data, "explain", finding)
    assert said.exit_code == 0, said.output
    for part in (
        "Last used on 2026-07-27",
        "Threshold:  90 days (limit)",
        "days = 90",
        "Nutzungsbericht.xlsx#Nutzer row",
        "email: ",
    ):
        assert part in said.output
    assert selfaudit(demo.data, "explain", "ffffffffffffffff").exit_code == 1
