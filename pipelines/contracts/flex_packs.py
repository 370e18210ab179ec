"""Contract of `flex_packs`: Flex token packs (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="flex_packs",
    title="Flex token packs (project contract)",
    kind=Kind.STATE,
    section="8",
    columns=(
        Column("pack_id", required=True, identifier=True),
        Column("team_alias"),
        Column("contract_number", identifier=True),
        Column("tokens", Type.NUMBER, required=True, minimum=0, exclusive=True),
        Column("start_date", Type.DATE, required=True),
        Column("end_date", Type.DATE, required=True),
        Column("amount", Type.NUMBER),
        Column("currency"),
    ),
    natural_key=("pack_id",),
    any_of=(),
)
