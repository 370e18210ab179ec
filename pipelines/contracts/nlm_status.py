"""Contract of `nlm_status`: output of `lmutil lmstat -a`. Columns only; the text has no header,
`pipelines/flexnet/status` reads it.
"""

from pipelines.contracts.contract import Column, Contract, Form, Kind, Type

CONTRACT = Contract(
    name="nlm_status",
    title="Status text of the network licence server",
    kind=Kind.STATE,
    section="outside",
    form=Form.STATUS_TEXT,
    columns=(
        Column("line_number", Type.INTEGER, required=True, minimum=1),
        Column("kind", required=True, values=("user", "feature", "server", "silent")),
        Column("status_at", Type.TIMESTAMP),
        Column("server"),
        Column("daemon"),
        Column("feature"),
        Column("issued", Type.INTEGER, minimum=0),
        Column("in_use", Type.INTEGER, minimum=0),
        Column("reserved", Type.INTEGER, minimum=0),
        Column("expires_on", Type.DATE),
        Column("user_name"),
        Column("host"),
        Column("display"),
        Column("component"),
        Column("version"),
        Column("handle"),
        Column("started_at", Type.TIMESTAMP),
        Column("licences", Type.INTEGER, minimum=0),
        Column("is_queued", Type.BOOLEAN),
        Column("is_borrowed", Type.BOOLEAN),
        Column("is_name_ambiguous", Type.BOOLEAN),
        Column("message"),
    ),
)
