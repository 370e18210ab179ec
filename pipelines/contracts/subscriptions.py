"""Contract of `subscriptions`: Subscriptions export: what was bought. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="subscriptions",
    title="Subscriptions export: what was bought",
    kind=Kind.STATE,
    section="2, 5",
    columns=(
        Column("contract_number", identifier=True),
        Column("subscription_id", identifier=True),
        Column("offering_name", required=True),
        Column("seat_quantity", Type.INTEGER, required=True, minimum=0),
        Column("start_date", Type.DATE, required=True),
        Column("end_date", Type.DATE, required=True),
        Column("autorenew_date", Type.DATE),
        Column("term"),
        Column("subscription_status", values=("in_force", "to_come", "over", "unknown")),
        Column("reseller_name"),
        Column("reseller_email", Type.EMAIL),
        Column("team_alias"),
    ),
    natural_key=("contract_number", "subscription_id", "offering_name", "team_alias"),
    any_of=(("contract_number", "subscription_id"),),
)
