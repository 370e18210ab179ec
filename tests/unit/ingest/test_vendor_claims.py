"""Lists of claims as auditors send them are recognised by their headers, and take no other input's files."""

from __future__ import annotations

import csv

import pytest

from pipelines.ingest.recognise.inputs import recognise
from tests.conftest import ROOT

LISTS = {
    "Item No.;Product;Release;User;Computer;Serial Number;Audit period;Qty": {
        "claim_id": "Item No.", "person": "User", "device": "Computer", "quantity": "Qty",
    },
    "Claim ID,Product Name,Product Version,User Name,E-mail,Machine Name,Serial No,First Seen,Last Seen": {
        "person": "E-mail", "period_start": "First Seen", "period_end": "Last Seen", "version": "Product Version",
    },
    "Ref. No.;Software Title;Hostname;Number of copies": {"claim_id": "Ref. No.", "device": "Hostname"},
    "claim_id,product": {"product": "product"},
    "No.,Software Title,Version,User,Computer Name,S/N,Qty": {"claim_id": "No.", "serial": "S/N"},
    "Finding ID,Autodesk Product,Version,End user,Asset,Shortfall": {"device": "Asset", "claim_id": "Finding ID"},
    "Pos.;Produkt;Version;Benutzer;Rechner;Seriennummer;Zeitraum;Menge": {"person": "Benutzer", "period": "Zeitraum"},
    "N°;Produit;Version;Utilisateur;Ordinateur;Numéro de série;Période;Quantité": {
        "claim_id": "N°", "serial": "Numéro de série",
    },
    "Nº;Producto;Versión;Usuario;Equipo;Número de serie;Período;Cantidad": {"claim_id": "Nº", "quantity": "Cantidad"},
}  # fmt: skip


@pytest.mark.parametrize("header", LISTS)
def test_a_list_of_claims_is_recognised_in_the_words_of_auditors(header: str):
    texts = next(csv.reader([header], delimiter=";" if ";" in header else ","))
    match = recognise(texts)
    assert match is not None and match.contract.name == "vendor_claims"
    assert {c: texts[match.positions[c]] for c in LISTS[header]} == LISTS[header]


OTHERS = {
    "invoices": "Invoice Number,Line,Invoice Date,Product,Quantity,Unit Price,Currency,Period Start,Period End",
    "perpetual_licences": "Item,Serial Number,Product,Version,Quantity,Licence Type",
    "device_inventory": "Item,Computer Name,Display Name,Version,Publisher,User Email,Last Seen",
    "device_inventory ": "No.,Software Title,Version,User,Computer Name,Serial number",
    "device_inventory  ": "Nr.,Produkt,Version,Hersteller,Benutzer,Rechnername",
    "perpetual_licences ": "Pos.,Seriennummer,Produkt,Version,Menge,Lizenzart",
    "sam_usage": "line,email,offering_name,last_used,days_used_12m",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_numbered_list_of_something_else_is_no_list_of_claims(name: str):
    match = recognise(OTHERS[name].split(","))
    assert match is not None and match.contract.name == name.strip()


@pytest.mark.parametrize(
    "header",
    [
        "Pos.,Produkt,Menge,Preis,Mitarbeiter",
        "No.,Product,Quantity,Unit price,Requested by,User",
        "Ref,Product,User,Date",
    ],
)
def test_a_numbered_list_of_orders_accuses_nobody(header: str):
    match = recognise(header.split(","))
    assert match is None or match.contract.name != "vendor_claims"


def test_no_generation_of_the_portals_headers_is_taken_for_claims():
    with (ROOT / "pipelines" / "contracts" / "aliases.csv").open(encoding="utf-8", newline="") as handle:
        headers: dict[tuple[str, str], list[str]] = {}
        for row in csv.DictReader(handle):
            headers.setdefault((row["input"], row["generation"]), []).append(row["alias"])
    for header in headers.values():
        match = recognise(header)
        assert match is None or match.contract.name != "vendor_claims"
