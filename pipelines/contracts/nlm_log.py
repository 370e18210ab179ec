"""Contract of `nlm_log`: debug log of the network licence server. Columns only; the log has no header, `pipelines/flexnet/debuglog` reads it."""

from pipelines.contracts.contract import Column, Contract, Form, Kind, Type

CONTRACT = Contract(
    name="nlm_log",
    title="Debug log of the network licence server",
    kind=Kind.EVENT,
    section="outside",
    form=Form.SERVER_LOG,
    columns=(
        Column("line_number", Type.INTEGER, required=True, minimum=1, description="Physical line of the file."),
        Column("event_at", Type.TIMESTAMP, required=True, description="Clock of the line with its date."),
        Column(
            "sequence_at", Type.TIMESTAMP, required=True, description="As event_at, never going back within a file."
        ),
        Column("operation", required=True, values=("out", "in", "denied", "unsupported", "start", "exit")),
        Column("feature", description="Feature code; empty for starts and exits."),
        Column("user_name"),
        Column("host"),
        Column("licences", Type.INTEGER, minimum=0, description="Licences of the line."),
        Column("is_reservation", Type.BOOLEAN),
        Column("reason"),
        Column("reason_code"),
        Column("daemon", required=True),
        Column("server", description="Server whose start was printed last."),
    ),
)
