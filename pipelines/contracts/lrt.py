"""Contract of `lrt`: Licence reporting telemetry (project contract). Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="lrt",
    title="Licence reporting telemetry (project contract)",
    kind=Kind.EVENT,
    is_use=True,
    section="4",
    columns=(
        Column("event_at", Type.TIMESTAMP, required=True),
        Column("product", required=True),
        Column("user_email", Type.EMAIL),
        Column("user_hash", identifier=True),
        Column("event_id", identifier=True),
        Column("received_at", Type.TIMESTAMP),
        Column("device_id", identifier=True),
        Column("host_name"),
        Column("version"),
        Column("build"),
        Column("feature"),
        Column("licence_claim", values=("named_user", "flex", "network", "perpetual", "trial", "education", "unknown")),
        Column("duration_minutes", Type.NUMBER, minimum=0),
        Column("country"),
        Column("source"),
        Column("team_alias"),
    ),
    natural_key=(),
    any_of=(("user_email", "user_hash"),),
)
