"""What finance hands in: invoices, and contract lines as they stand in the month (a reference table's own copy of the
drop).
"""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.exports.files import put, text_of
from pipelines.demo.plants.entitlement import bills, invoice_rows
from pipelines.demo.world import World

INVOICE_HEADER = [
    "invoice_number",
    "invoice_date",
    "contract_number",
    "subscription_id",
    "offering_name",
    "quantity",
    "unit_price",
    "currency",
    "period_start",
    "period_end",
]
LINE_HEADER = ["contract_number", "offering_key", "quantity", "unit_price", "currency"]


def write(world: World, month: str, folder: Path) -> None:
    """Invoices and contract lines of a month."""
    put(folder / "finance" / "invoices.csv", text_of(INVOICE_HEADER, invoice_rows(world, month)).encode())
    lines = [
        [b.contract, b.offering, b.contracted, b.unit_price, "EUR"]
        for b in bills(world, month)
        if b.contracted is not None
    ]
    put(folder / "finance" / "contract_lines.csv", text_of(LINE_HEADER, lines).encode())
