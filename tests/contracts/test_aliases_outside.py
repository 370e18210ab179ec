"""Spellings of inputs from outside the portal: each row points at something, real headers are understood."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from pipelines.contracts import INPUTS, REFERENCE
from pipelines.contracts.aliases import INVERSE, fold_header
from pipelines.ingest.recognise.inputs import recognise

CONTRACTS = Path(__file__).resolve().parents[2] / "pipelines" / "contracts"


def rows(name: str) -> list[dict[str, str]]:
    with (CONTRACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold(text: str) -> str:
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def understood(input_name: str, header: str) -> set[str]:
    contract = INPUTS[input_name]
    spelled = [r for r in rows("aliases_outside.csv") if r["input"] == input_name]
    aliases = {r["alias"]: r["column"].removeprefix("not ") for r in spelled}
    return {
        folded if folded in contract.column_names else aliases[folded]
        for folded in map(fold, header.split(","))
        if folded in contract.column_names or folded in aliases
    }


def test_every_alias_is_folded_and_names_a_column_of_its_contract() -> None:
    for row in rows("aliases_outside.csv"):
        columns = (INPUTS | REFERENCE)[row["input"]].column_names
        # `not account_enabled`: the header says the opposite of the column.
        assert row["column"].removeprefix(INVERSE) in columns, row
        assert row["alias"] == fold_header(row["alias"]), row
        assert row["alias"] not in columns, row
        assert row["generation"], row
        assert row["source"], row


def test_an_alias_means_one_column_of_an_input() -> None:
    counted = Counter((r["input"], r["alias"]) for r in rows("aliases_outside.csv"))
    assert [key for key, n in counted.items() if n > 1] == []


ENTRA_2020 = (
    "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,accountEnabled,"
    "usageLocation,streetAddress,state,country,physicalDeliveryOfficeName,city,postalCode,telephoneNumber,mobile"
)
ENTRA_2021 = (
    "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,"
    "streetAddress,state,country,officeLocation,city,postalCode,telephoneNumber,mobilePhone,companyName,createdDateTime"
)
OKTA = "id,status,created,lastLogin,profile.login,profile.email,profile.firstName,profile.lastName"
AD = "DistinguishedName,Enabled,GivenName,Name,ObjectClass,ObjectGUID,SamAccountName,SID,Surname,UserPrincipalName"
ENTRA_HR = "WorkerID,WorkerStatus,WorkerType,UserID,FirstName,LastName,ManagerID,HireDate,Department,CostCenter,Company"


M365 = (
    "Display name,User principal name,Object Id,First name,Last name,When created,Department,Block "
    "credential,Licenses,Proxy addresses"
)
GERMAN = "Personalnummer,Vorname,Nachname,E-Mail,Status,Eintrittsdatum,Austrittsdatum,Abteilung,Firma,Kostenstelle,Land"
FRENCH = "Matricule,Nom,Prénom,Courriel,Statut,Date d'entrée,Date de sortie,Service,Société,Centre de coût,Pays"
SPANISH = (
    "Número de empleado,Nombre,Apellidos,Correo electrónico,Estado,Fecha de alta,Fecha de baja,Departamento,Empresa"
)


@pytest.mark.parametrize(
    ("input_name", "header", "also"),
    [
        ("directory_users", ENTRA_2020, {"mail", "user_type", "department"}),
        ("directory_users", ENTRA_2021, {"company_name", "created_at"}),
        ("directory_users", M365, {"other_addresses", "created_at", "given_name"}),
        ("hr_workers", GERMAN, {"email", "hire_date", "leave_date", "legal_entity", "cost_centre", "country"}),
        ("hr_workers", FRENCH, {"email", "hire_date", "leave_date", "legal_entity", "cost_centre", "country"}),
        ("hr_workers", SPANISH, {"email", "hire_date", "leave_date", "legal_entity", "first_name", "last_name"}),
        ("directory_users", OKTA, {"mail", "given_name", "surname", "created_at", "last_sign_in_at"}),
        ("directory_users", AD, {"given_name", "surname"}),
        ("directory_users", AD + ",EmailAddress,EmployeeID,whenCreated,LastLogonDate,AccountExpirationDate", {"mail"}),
        ("directory_group_members", "Group,Object ID,User principal name,Display name,Member type", {"member_type"}),
        ("hr_workers", ENTRA_HR, {"legal_entity", "cost_centre", "manager_id", "hire_date"}),
        ("hr_workers", "Employee_ID,Worker_Status,Hire_Date,Termination_Date,Worker_Type", {"leave_date"}),
        ("hr_workers", "id,employeeNumber,firstName,lastName,workEmail,status,hireDate,terminationDate", {"email"}),
        ("hr_workers", "STATUS,USERID,USERNAME,FIRSTNAME,LASTNAME,EMAIL,MANAGER,DEPARTMENT,HIREDATE", {"email"}),
        ("device_inventory", "ApplicationName,ApplicationVersion,DeviceId,EmailAddress", {"user_email", "version"}),
        ("device_inventory", "ResourceID,TimeStamp,DisplayName0,Publisher0,Version0", {"last_seen_at", "publisher"}),
    ],
)
def test_a_real_header_gives_the_required_columns(input_name: str, header: str, also: set[str]) -> None:
    found = understood(input_name, header)
    assert set(INPUTS[input_name].required) <= found
    assert also <= found
    assert all(set(group) & found for group in INPUTS[input_name].any_of)


def test_a_word_that_many_lists_have_names_a_program_only_beside_its_device_version_and_publisher():
    found = recognise(["Computer Name", "Name", "Version", "Publisher"])
    assert found is not None and found.contract.name == "device_inventory"
    assert found.positions["product_display_name"] == 1
    assert recognise(["Computer Name", "Name", "Email"]) is None
    contractors = recognise(["E-Mail", "Firma", "Software", "Gerät"])
    assert contractors is not None and contractors.contract.name == "contractors"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_header_with_accents_is_one_whether_they_are_written_in_one_character_or_two(form):
    header = [unicodedata.normalize(form, text) for text in ("Gerätename", "Produktname", "Hersteller")]
    found = recognise(header)
    assert found is not None and found.contract.name == "device_inventory"
