"""Contract of `perpetual_licences`: Perpetual licences (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="perpetual_licences",
    title="Perpetual licences (project contract)",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("serial_number", required=True, identifier=True),
        Column("offering_name", required=True),
        Column("version", required=True),
        Column("seats", Type.INTEGER, required=True, minimum=0),
        Column(
            "licence_kind",
            required=True,
            values=(
                "standalone",
                "network",
                "unknown",
            ),
        ),
        Column("maintenance_end", Type.DATE),
        Column("site"),
    ),
    natural_key=(),
    any_of=(),
)
