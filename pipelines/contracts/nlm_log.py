"""Contract of `nlm_log`: debug log of the network licence server. Columns only; the log has no header,
`pipelines/flexnet/debuglog` reads it.
"""

from pipelines.contracts.contract import Column, Contract, Form, Kind, Type

CONTRACT = Contract(
    name="nlm_log",
    title="Debug log of the network licence server",
    kind=Kind.EVENT,
    section="outside",
    form=Form.SERVER_LOG,
    columns=(
        Column("line_number", Type.INTEGER, required=True, minimum=1),
        Column("event_at", Type.TIMESTAMP, required=True),
        Column("sequence_at", Type.TIMESTAMP, required=True),
        Column("operation", required=True, values=("out", "in", "denied", "unsupported", "start", "exit")),
        Column("feature"),
        Column("user_name"),
        Column("host"),
        Column("licences", Type.INTEGER, minimum=0),
        Column("is_reservation", Type.BOOLEAN),
        Column("reason"),
        Column("reason_code"),
        Column("daemon", required=True),
        Column("server"),
    ),
)
