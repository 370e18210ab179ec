"""What a person is called in the rows that were delivered: what is only theirs, and what others have too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import duckdb
import pytest

from pipelines.errors import UserError
from pipelines.publish.veil.erasure_requests import (
    KEY_FILE,
    ErasureRequest,
    commitment,
    commitment_sql,
    key_of,
    read_requests,
    with_request,
    write_requests,
)
from pipelines.run.person import find_person, ids_of_findings, pseudonyms, substitutes
from pipelines.substitution.values import Values

ADA = "ada.byron@corp.example"


@pytest.fixture
def raw() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema raw; create schema marts; create schema calendar")
        con.execute(
            "create table raw.hr_workers as from (values "
            f"('{ADA}', 'Ada', 'Byron', '10023', 'aby-7'), ('jo@corp.example', 'Jo', 'Byron', '10024', 'jdoe'), "
            "('ada2@corp.example', 'Ada', 'Lovelace', '10025', 'shared-pc')) as t (email, first_name, last_name, "
            "employee_id, user_name)"
        )
        con.execute(
            "create table raw.lrt as from (values "
            f"('{ADA}', 'shared-pc'), ('{ADA}', 'ws-ada-01'), ('jo@corp.example', 'shared-pc')) as t (user_email, "
            "device_id)"
        )
        con.execute(
            "create table raw.directory_users as from (values "
            f"('{ADA}', 'countess@own.example')) as t (mail, user_principal_name)"
        )
        con.execute(
            "create table raw.ref_person_aliases as from (values "
            f"('old.ada@corp.example', '{ADA}')) as t (alias_email, email)"
        )
        con.execute("create table marts.dim_person (person_key varchar, display_name varchar)")
        yield con


def test_addresses_lead_to_each_other_from_any_of_them(raw: duckdb.DuckDBPyConnection):
    for given in (ADA, "old.ada@corp.example", "COUNTESS@own.example"):
        assert find_person(raw, [given]).addresses == {ADA, "old.ada@corp.example", "countess@own.example"}


def test_what_others_have_too_is_replaced_in_records_of_the_person_only(raw: duckdb.DuckDBPyConnection):
    values = substitutes(raw, find_person(raw, [ADA]), "0a1b", lambda value: None)
    assert "shared-pc" in values.beside and "shared-pc" not in {**values.anywhere, **values.cells}
    assert values.anywhere["ws-ada-01"].startswith("forgotten-0a1b")
    assert values.beside["byron"] == "forgotten-0a1b" and values.beside["ada"] == "Forgotten"
    assert values.anywhere["ada byron"] == "Forgotten forgotten-0a1b"
    assert values.record("jo@corp.example,Jo,Byron,10024") == "jo@corp.example,Jo,Byron,10024"


def test_a_bare_number_is_an_amount_elsewhere(raw: duckdb.DuckDBPyConnection):
    values = substitutes(raw, find_person(raw, [ADA]), "0a1b", lambda value: None)
    assert "10023" in values.accounts
    assert values.text("total,10023,EUR") == "total,10023,EUR"
    assert "10023" not in values.record(f"{ADA},10023")


def test_an_address_keeps_a_domain_that_others_have(raw: duckdb.DuckDBPyConnection):
    values = substitutes(raw, find_person(raw, [ADA]), "0a1b", lambda value: None)
    assert values.anywhere[ADA].endswith("@corp.example")
    assert values.anywhere["countess@own.example"].endswith("@forgotten.invalid")
    assert len({values.anywhere[a] for a in (ADA, "countess@own.example", "old.ada@corp.example")}) == 3


def test_ids_of_findings_become_those_of_the_rows_without_the_person(raw: duckdb.DuckDBPyConnection):
    def of(*parts: str) -> str:
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    old, other = of("USE-01", "T", "revit", ADA, ""), of("USE-01", "T", "revit", "jo@corp.example", "")
    raw.execute(
        "create table calendar.findings as from (values "
        f"('{old}', 'USE-01', 'T', 'revit', '{ADA}', null), ('{other}', 'USE-01', 'T', 'revit', 'jo@corp.example', "
        "null)) as t (finding_id, rule_id, team_alias, offering_key, person_key, scope)"
    )
    raw.execute(
        "create table calendar.actions as select * rename (finding_id as action_id) from calendar.findings limit 0"
    )
    values = substitutes(raw, find_person(raw, [ADA]), "0a1b", lambda value: None)
    new = of("USE-01", "T", "revit", values.anywhere[ADA], "")
    assert ids_of_findings(raw, values, "0a1b") == {old: new}
    shown, findings = pseudonyms(bytes(32), values, {old: new})
    assert len(shown) == len({**values.anywhere, **values.cells, **values.accounts}) and set(findings) != {old}


def test_a_request_knows_a_person_by_commitments_alone(tmp_path, raw: duckdb.DuckDBPyConnection):
    key = bytes(range(32))
    made = raw.execute(f"select {commitment_sql(key, 'x')} from (select '{ADA}' as x)").fetchall()
    assert made == [(commitment(key, ADA.upper()),)]
    request = ErasureRequest(1, "0a1b", {commitment(key, ADA): "forgotten-0a1b@corp.example"})
    write_requests(tmp_path, with_request([], request))
    assert read_requests(tmp_path) == [request]
    assert ADA not in (tmp_path / "forgotten.json").read_text()
    assert (tmp_path / "forgotten.json").stat().st_mode & 0o077 == 0


def test_values_that_are_none_replace_nothing():
    assert Values().record("ada@corp.example") == "ada@corp.example"


def test_without_the_key_of_the_commitments_nobody_goes_on_as_if_nobody_were_to_be_forgotten(tmp_path):
    key = key_of(tmp_path)
    assert key_of(tmp_path) == key and len(key) == 32
    write_requests(tmp_path, [ErasureRequest(1, "0a1b", {})])
    assert key_of(tmp_path) == key
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(UserError, match="cannot be matched without the key"):
        key_of(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


def test_a_request_of_a_number_takes_the_place_of_the_one_before_and_they_stay_in_order(tmp_path):
    requests = with_request(
        with_request(with_request([], ErasureRequest(2, "b", {})), ErasureRequest(1, "a", {})),
        ErasureRequest(2, "c", {"x": "y"}),
    )
    assert requests == [ErasureRequest(1, "a", {}), ErasureRequest(2, "c", {"x": "y"})]
    write_requests(tmp_path, requests)
    assert read_requests(tmp_path) == requests
    (tmp_path / "forgotten.json").write_text('[{"number": 1}]')
    with pytest.raises(UserError, match=r"forgotten\.json is damaged"):
        read_requests(tmp_path)
