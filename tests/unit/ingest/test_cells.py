"""What a cell of a number means, and what is made of a cell that its type cannot hold. Dates are `test_cell_dates`,
values `test_cell_values`.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import INPUTS, Form, Type
from tests.unit.ingest.judged import TABLES, connection, good_cell, judge

con = connection()


# --- optional cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", TABLES, ids=lambda c: c.name)
def test_a_cell_that_cannot_be_read_costs_its_row_only_where_the_contract_says_so(contract):
    names = [c.name for c in contract.columns]
    typed = [c for c in contract.columns if c.type in (Type.DATE, Type.TIMESTAMP) or c.type.is_number]
    rows = [["?!" if c is broken else good_cell(c) for c in contract.columns] for broken in typed]
    rows += [[good_cell(c) for c in contract.columns]] * 3
    found = judge(con, contract.name, names, rows)
    for broken, row in zip(typed, found.rows, strict=False):
        if broken.name in contract.rejecting:
            assert row["_bad_column"] == broken.name and "'?!'" in row["_reason"]
        else:
            assert row["_reason"] is None, row["_reason"]
            assert row[broken.name] is None
            assert (found.unread[broken.name].cells, found.unread[broken.name].first_text) == (1, "?!")
    assert all(r["_reason"] is None for r in found.rows[len(typed) :])
    assert set(found.unread) == {c.name for c in typed if c.name not in contract.rejecting}


def test_the_name_of_a_type_is_no_value():
    names = ["user_id", "user_principal_name", "account_enabled", "department", "last_sign_in_at"]
    signs = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInActivity"
    found = judge(con, "directory_users", names, [["1", "a@firm.example", "true", "System.String[]", signs]])
    assert (found.rows[0]["_reason"], found.rows[0]["department"], found.rows[0]["last_sign_in_at"]) == (
        None,
        None,
        None,
    )
    assert set(found.unread) == {"department", "last_sign_in_at"}


@pytest.mark.parametrize("text", ["1.10E+11", "1,10E+11", "11e+10", "1.1000000000E+11"])
def test_an_identifier_in_scientific_notation_costs_its_row_wherever_it_stands(text):
    for contract in INPUTS.values():
        if contract.form is not Form.TABLE:
            continue
        names = [c.name for c in contract.columns]
        marked = [c for c in contract.columns if c.identifier]
        for column in marked:
            found = judge(
                con, contract.name, names, [[text if c is column else good_cell(c) for c in contract.columns]]
            )
            assert found.rows[0]["_bad_column"] == column.name
            assert "scientific notation" in found.rows[0]["_reason"]
    found = judge(
        con,
        "subscriptions",
        ["contract_number", "offering_name", "seat_quantity", "start_date", "end_date"],
        [
            ["110001110101", "Revit", "1", "2026-01-01", "2026-12-31"],
            ["12E5", "Revit", "1", "2026-01-01", "2026-12-31"],
        ],
    )
    assert [r["_reason"] for r in found.rows] == [None, None]


# --- numbers ---------------------------------------------------------------------------------------------------


def grouped(whole: int, separator: str) -> str:
    return f"{whole:,}".replace(",", separator)


@settings(max_examples=15, deadline=None)
@given(
    cents=st.integers(0, 10**12),
    blank=st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "'", "’"]),
    negative=st.booleans(),
)
def test_a_number_comes_back_from_every_form_that_can_mean_only_one(cents, blank, negative):
    whole, rest = divmod(cents, 100)
    point = f"{rest:02d}"
    plain = [
        f"{whole}.{point}",
        f"{grouped(whole, ',')}.{point}",
        f"{grouped(whole, '.')},{point}",
        f"{grouped(whole, blank)},{point}",
        f"{grouped(whole, blank)}.{point}",
    ]
    signed = (
        [f"-{t}" for t in plain] + [f"{t}-" for t in plain] + [f"({t})" for t in plain] + [f"\u2212{t}" for t in plain]
    )
    texts = signed if negative and cents else plain
    texts = (
        texts
        + [f"EUR {t}" for t in plain if not negative]
        + [f"{t}\u00a0€" for t in plain if not negative]
        + [f"${t}" for t in plain if not negative]
    )
    names = ["invoice_number", "invoice_date", "offering_name", "quantity", "unit_price", "currency"]
    found = judge(con, "invoices", names, [["R", "2026-01-01", "Revit", "1", t, "EUR"] for t in texts])
    wanted = Decimal(cents) / 100 * (-1 if negative and cents else 1)
    assert {t: r["unit_price"] for t, r in zip(texts, found.rows, strict=True)} == dict.fromkeys(texts, wanted)


def test_a_text_that_could_be_two_numbers_is_none():
    names = ["invoice_number", "invoice_date", "offering_name", "quantity", "unit_price", "currency"]
    texts = ["12 34", "1,23,4", "5 %", "1'80", "EUR", "--5", "1-2", "1.2.3", "1.10E+11"]
    found = judge(con, "invoices", names, [["R", "2026-01-01", "Revit", "1", t, "EUR"] for t in texts])
    assert all("is not a number" in (r["_reason"] or "") for r in found.rows), [
        (t, r["unit_price"]) for t, r in zip(texts, found.rows, strict=True)
    ]


def test_a_message_names_characters_that_cannot_be_seen():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(con, "subscriptions", names, [["Revit", "S1", "1\u00a02", "2026-01-01", "2026-12-31"]])
    assert found.rows[0]["_reason"] == "'1[NO-BREAK SPACE]2' is not a whole number"
