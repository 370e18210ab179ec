"""Contract of `token_usage`: Token usage export: Flex tokens per day. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="token_usage",
    title="Token usage export: Flex tokens per day",
    kind=Kind.EVENT,
    is_use=True,
    section="8",
    columns=(
        Column("day_used", Type.DATE, required=True),
        Column("offering_name", required=True),
        Column("tokens_used", Type.NUMBER, required=True, minimum=0),
        Column("email", Type.EMAIL),
        Column("first_name"),
        Column("last_name"),
        Column("team_alias"),
        Column("feature"),
        Column("version"),
    ),
    natural_key=("team_alias", "offering_name", "feature", "person", "day_used"),
    any_of=(),
)
