"""Contract of `flex_balance`: Flex balance statements (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="flex_balance",
    title="Flex balance statements (project contract)",
    kind=Kind.STATE,
    section="8",
    columns=(
        Column("team_alias"),
        Column("balance_date", Type.DATE, required=True),
        Column("tokens_available", Type.NUMBER, required=True),
    ),
    natural_key=("team_alias", "balance_date"),
    any_of=(),
)
