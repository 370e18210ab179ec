"""Contract of `contractors`: Contractor register (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="contractors",
    title="Contractor register (project contract)",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("email", Type.EMAIL, required=True),
        Column("company", required=True),
        Column("sponsor_email", Type.EMAIL),
        Column("start_date", Type.DATE),
        Column("end_date", Type.DATE),
        Column("offerings"),
        Column("device_policy", values=("own", "company", "unknown")),
    ),
    natural_key=(),
    any_of=(),
)
