"""Contract of `groups`: Groups export: members of portal groups. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="groups",
    title="Groups export: members of portal groups",
    kind=Kind.STATE,
    section="6",
    columns=(
        Column("group", required=True),
        Column("email", Type.EMAIL, required=True),
        Column("group_type"),
        Column("role"),
        Column("team_alias"),
    ),
    natural_key=(),
    any_of=(),
)
