"""Contract of `sam_usage`: What the company's SAM tool believes (project contract). Columns and keys only; spellings
are rows of `aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="sam_usage",
    title="What the company's SAM tool believes (project contract)",
    kind=Kind.EVENT,
    section="outside",
    columns=(
        Column("email", Type.EMAIL, required=True),
        Column("offering_name", required=True),
        Column("last_used", Type.DATE, required=True),
        Column("days_used_12m", Type.INTEGER),
    ),
    natural_key=("email", "offering_name", "last_used"),
    any_of=(),
)
