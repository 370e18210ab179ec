"""Contract of `users`: Users export: members, roles and their offerings. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="users",
    title="Users export: members, roles and their offerings",
    kind=Kind.STATE,
    section="1, 7",
    columns=(
        Column("email", Type.EMAIL, required=True),
        Column("first_name"),
        Column("last_name"),
        Column("autodesk_id", identifier=True),
        Column("role"),
        Column("account_status", values=("active", "pending", "inactive", "unknown")),
        Column("offering_name"),
        Column("product_name"),
        Column("team_alias"),
        # How the assignment of the row came, and the one subscription that it is taken from, where the portal says so.
        Column("assignment_type", values=("direct", "group", "team", "unknown")),
        Column("pinned_subscription_id", identifier=True),
    ),
    natural_key=(),
    any_of=(),
)
