"""What is said of a header that no input recognises: the input that its columns mean, the product that writes it, what
to rename.
"""

from __future__ import annotations

import pytest

from pipelines.contracts import INPUTS
from pipelines.ingest.recognise.hints import _known_files, explain, likeness, visible


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "Pers.Nummer;Vorname;Nachname;Mailadresse;Zustand;Austrittsdatum",
            ["hr_workers", "'Pers.Nummer' to employee_id", "status"],
        ),
        ("Display name;User principal name;Object Id;Department;Licenses", ["directory_users", "Block credential"]),
        ("contract_number;offering_name;seats;start_date;end_date", ["subscriptions", "seat_quantity"]),
        ("ApplicationKey;ApplicationName;ApplicationPublisher;DeviceCount", ["Intune", "device", "raw data"]),
        ("DisplayName;Id;Mail;UserPrincipalName", ["Get-MgUser", "AccountEnabled"]),
        ("foo;bar", ["no known input", "foo, bar"]),
    ],
)
def test_a_header_is_explained_by_what_its_columns_mean(header, words):
    said = explain(header.split(";"))
    assert [w for w in words if w not in said] == []


def test_a_file_of_the_reference_folder_is_meant_as_the_table_of_its_name():
    header = ["Contract number", "Type", "Start", "End", "Renewal date"]
    assert "most like contracts" in explain(header, called="contracts")
    assert "most like contracts" not in explain(header) and "most like contracts" not in explain(header, called="list")


def test_a_wrong_guess_is_not_made():
    assert "rename" not in explain(["DirSyncEnabled", "User principal name", "Object Id"])


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u00a0", "NO-BREAK SPACE"),
        ("\u200b", "ZERO WIDTH SPACE"),
        ("\ufeff", "ZERO WIDTH NO-BREAK SPACE"),
        ("\x07", "U+0007"),
    ],
)
def test_invisible_characters_are_named(character, name):
    assert visible(f"E{character}mail") == f"E[{name}]mail"
    assert f"E[{name}]mail" in explain([f"E{character}mail", "Role"])


def test_the_line_that_is_most_like_a_header_is_named():
    assert explain(["Email", "Status", "Termination Date"], 4).startswith("line 4 looks like a header")
    assert likeness(["Usage", "report"]) < likeness(["employee_id", "email"])


def test_every_known_file_says_which_input_it_would_be_and_what_to_do():
    for row in _known_files():
        assert row["input"] in INPUTS and row["marks"] and row["advice"], row
