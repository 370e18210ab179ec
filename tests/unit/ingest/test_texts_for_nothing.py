"""Texts that stand for nothing, and errors that a spreadsheet shows in place of a value."""

from __future__ import annotations

import pytest

from pipelines.contracts.values import empty_words
from tests.unit.ingest.judged import connection, judge
from tests.unit.ingest.made import worker

con = connection()


@pytest.mark.parametrize("word", empty_words("any"))
@pytest.mark.parametrize("around", ["", "  "])
def test_a_word_for_nothing_is_empty_in_every_column(word, around):
    (row,) = worker(email=word + around, department=around + word, leave_date=word, manager_id=word, last_name=word)
    assert [row[c] for c in ("email", "department", "leave_date", "manager_id", "last_name")] == [None] * 5
    assert row["_reason"] is None and row["_noted"] == 0


@pytest.mark.parametrize("word", [*empty_words("named"), "None", "K.A.", "UNKNOWN"])
def test_a_word_for_none_is_no_address_and_no_id_and_elsewhere_a_text(word):
    (row,) = worker(email=word, manager_id=word, department=word)
    assert (row["email"], row["manager_id"], row["department"]) == (None, None, word)


@pytest.mark.parametrize("name", ["Null", "Nan", "Na", "None", "X"])
def test_persons_and_ids_that_look_like_such_words_are_themselves(name):
    (row,) = worker(first_name=name, last_name=name)
    assert (row["first_name"], row["last_name"]) == (name, name)
    assert worker(employee_id="NA")[0]["employee_id"] == "NA"


def test_a_required_cell_with_a_word_for_nothing_is_missing():
    assert worker(employee_id="NULL")[0]["_reason"] == "is empty; a value is required"


ERRORS = ["#N/A", "#NV", "#REF!", "#BEZUG!", "#WERT!", "#VALEUR!", "#¡VALOR!", "#¿NOMBRE?", "#NAME?", "#DIV/0!"]
ERRORS += ["#N/D!", "#ADR!", "#YOK", "#Н/Д", "#ЗНАЧ!", "#VÆRDI!", "#SPILL!", "########"]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_a_spreadsheet_is_an_unread_cell_and_no_text(error):
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "email", "department", "manager_id", "leave_date"],
        [["1", "active", error, error, error, error]],
    )
    assert [found.rows[0][c] for c in ("email", "department", "manager_id", "leave_date")] == [None] * 4
    assert set(found.unread) == {"email", "department", "manager_id", "leave_date"}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_where_a_value_is_required_costs_the_row_and_says_so(error):
    (row,) = worker(employee_id=error)
    assert "what a spreadsheet shows in place of a value" in row["_reason"] and error in row["_reason"]


@pytest.mark.parametrize("text", ["#1", "#", "# 12", "#BIM", "C#", "#ask!me"])
def test_a_text_with_a_number_sign_is_no_error(text):
    assert worker(department=text)[0]["department"] == text
