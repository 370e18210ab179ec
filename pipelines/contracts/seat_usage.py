"""Contract of `seat_usage`: Seat usage export: daily use of seats. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="seat_usage",
    title="Seat usage export: daily use of seats",
    kind=Kind.EVENT,
    is_use=True,
    section="3",
    columns=(
        Column("day_used", Type.DATE, required=True),
        Column("offering_name", required=True),
        Column("email", Type.EMAIL),
        Column("first_name"),
        Column("last_name"),
        Column("team_alias"),
        Column("version"),
        Column("feature"),
    ),
    natural_key=("team_alias", "offering_name", "version", "feature", "person", "day_used"),
    any_of=(),
)
