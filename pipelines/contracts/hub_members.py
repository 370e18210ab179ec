"""Contract of `hub_members`: who is in which cloud hub and project, and may use which of its products. Columns and keys
only; spellings are rows of `aliases.csv`. How the files of a Data Connector become such rows is
`pipelines/ingest/read/linked`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="hub_members",
    title="Members of cloud hubs and their projects",
    kind=Kind.STATE,
    section="2",
    columns=(
        Column("hub", required=True),
        Column("email", Type.EMAIL, required=True),
        Column("team_alias"),
        Column("project"),
        Column("product"),
        Column("administrator", Type.BOOLEAN),
        # A membership that has ended is a row of the export, and no member.
        Column("status", values=("active", "pending", "ended", "unknown")),
        Column("invited_at", Type.TIMESTAMP),
        Column("last_sign_in_at", Type.TIMESTAMP),
    ),
    natural_key=("hub", "project", "product", "email"),
    any_of=(),
)
