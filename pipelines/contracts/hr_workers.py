"""Contract of `hr_workers`: HR workers: joiners and leavers. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="hr_workers",
    title="HR workers: joiners and leavers",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("employee_id", required=True, identifier=True),
        Column("email", Type.EMAIL),
        Column("user_principal_name", Type.EMAIL),
        Column("first_name"),
        Column("last_name"),
        Column("status", required=True, values=("active", "on_leave", "terminated", "unknown")),
        Column("worker_type", values=("employee", "contractor", "intern", "unknown")),
        Column("hire_date", Type.DATE),
        Column("leave_date", Type.DATE),
        Column("department"),
        Column("legal_entity"),
        Column("cost_centre"),
        Column("country"),
        Column("manager_id", identifier=True),
    ),
    natural_key=("employee_id",),
    any_of=(),
)
