"""Contract of `product_access`: Product access: seats per team and offering. Columns and keys only; spellings are rows
of `aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="product_access",
    title="Product access: seats per team and offering",
    kind=Kind.STATE,
    section="2",
    columns=(
        Column("team_alias"),
        Column("offering_name", required=True),
        Column("seats_total", Type.INTEGER, required=True, minimum=0),
        Column("seats_assigned", Type.INTEGER, required=True, minimum=0),
        Column("seats_available", Type.INTEGER),
        # The days between which the seats can be used, where a pool says so.
        Column("start_date", Type.DATE),
        Column("end_date", Type.DATE),
    ),
    natural_key=("team_alias", "offering_name"),
    any_of=(),
)
