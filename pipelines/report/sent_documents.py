"""The two documents made for others: the renewal brief and the audit readiness report, one for each contract that is
due in the month.

Each is read once (`renewal_brief`, `audit_readiness`); `pages.py` renders it as HTML and `pdf.py` as PDF, so both have
the same content. Every number is a figure of a published table.
"""

from __future__ import annotations

from pipelines.report.audit_readiness import audit_readiness
from pipelines.report.document import Connection, Document, file_name
from pipelines.report.renewal_brief import renewal_brief

KINDS = (
    ("renewal_brief", "renewal-brief", "Renewal negotiation brief"),
    ("audit_readiness", "audit-readiness", "Audit readiness report"),
)


# The tables that a document reads: if one of them was not made, the document is left unchanged.
READS = {
    "renewal_brief": {
        *("renewal_brief", "renewal_mix", "renewal_plan", "actions", "rule_runs", "dim_contract", "dim_offering")
    },
    "audit_readiness": {
        *("audit_readiness", "auditor_count", "findings", "rule_runs", "dim_contract", "dim_offering", "dim_person")
    },
}


def due_documents(connection: Connection, review_month: str) -> list[tuple[str, str, str]]:
    """(table, contract, title) of the month's documents: contracts with rows in its renewal brief or audit readiness
    report.
    """
    found = []
    for table, _, title in KINDS:
        contracts = connection.execute(
            f"select distinct coalesce(contract_number, '') from calendar.{table} where review_month = ? order by 1",
            [review_month],
        ).fetchall()
        found += [(table, contract, title) for (contract,) in contracts]
    return found


def document_links(connection: Connection, review_month: str) -> list[tuple[str, str]]:
    """(address, link text) of the month's documents."""
    kinds = {table: kind for table, kind, _ in KINDS}
    return [
        (f"{file_name(review_month, kinds[table], contract)}.html", f"{title}, contract {contract or 'without number'}")
        for table, contract, title in due_documents(connection, review_month)
    ]


def read_document(connection: Connection, table: str, review_month: str, contract: str) -> Document:
    """One document of the month in full."""
    read = {"renewal_brief": renewal_brief, "audit_readiness": audit_readiness}
    return read[table](connection, review_month, contract)


def name_of(table: str, review_month: str, contract: str) -> str:
    """Base name of a document's files, without the extension."""
    kinds = {table: kind for table, kind, _ in KINDS}
    return file_name(review_month, kinds[table], contract)
