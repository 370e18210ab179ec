"""Contract of `invoices`: Invoice lines (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="invoices",
    title="Invoice lines (project contract)",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("invoice_number", required=True, identifier=True),
        Column("invoice_date", Type.DATE, required=True),
        Column("contract_number", identifier=True),
        Column("subscription_id", identifier=True),
        Column("offering_name", required=True),
        Column("quantity", Type.NUMBER, required=True),
        Column("unit_price", Type.PRICE, required=True),
        Column("currency", required=True),
        Column("period_start", Type.DATE),
        Column("period_end", Type.DATE),
    ),
    natural_key=(),
    any_of=(),
)
