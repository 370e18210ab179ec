"""The two documents that are sent: the renewal brief and the audit readiness report, one per contract that is due in the month.

Each is read once (`renewal_brief`, `audit_readiness`); `pages.py` makes HTML of it and `pdf.py` a PDF, so both say the same. Every number is a figure of a published table.
"""

from __future__ import annotations

from pipelines.report.audit_readiness import audit_readiness
from pipelines.report.document import Connection, Document, file_name
from pipelines.report.renewal_brief import renewal_brief

KINDS = (
    ("renewal_brief", "renewal-brief", "Renewal negotiation brief"),
    ("audit_readiness", "audit-readiness", "Audit readiness report"),
)


def due_documents(connection: Connection, review_month: str) -> list[tuple[str, str, str]]:
    """(table, contract, title) of the documents of the month: contracts with rows in its renewal brief or audit readiness report."""
    found = []
    for table, _, title in KINDS:
        contracts = connection.execute(
            f"select distinct coalesce(contract_number, '') from calendar.{table} where review_month = ? order by 1",
            [review_month],
        ).fetchall()
        found += [(table, contract, title) for (contract,) in contracts]
    return found


def document_links(connection: Connection, review_month: str) -> list[tuple[str, str]]:
    """(address, words) of the documents of the month."""
    kinds = {table: kind for table, kind, _ in KINDS}
    return [
        (f"{file_name(review_month, kinds[table], contract)}.html", f"{title}, contract {contract or 'without number'}")
        for table, contract, title in due_documents(connection, review_month)
    ]


def read_documents(connection: Connection, review_month: str) -> list[Document]:
    """The documents of the month, in full."""
    read = {"renewal_brief": renewal_brief, "audit_readiness": audit_readiness}
    return [
        read[table](connection, review_month, contract)
        for table, contract, _ in due_documents(connection, review_month)
    ]
