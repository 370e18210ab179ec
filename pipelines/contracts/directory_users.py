"""Contract of `directory_users`: Directory users. Columns and keys only; spellings are rows of `aliases.csv`."""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="directory_users",
    title="Directory users",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("user_id", required=True),
        Column("user_principal_name", Type.EMAIL, required=True),
        Column("mail", Type.EMAIL),
        # Lower case, separated by `;`.
        Column("other_addresses", Type.EMAIL),
        Column("given_name"),
        Column("surname"),
        Column("account_enabled", Type.BOOLEAN, required=True),
        Column("user_type"),
        Column("department"),
        Column("company_name"),
        Column("employee_id"),
        Column("created_at", Type.TIMESTAMP),
        Column("last_sign_in_at", Type.TIMESTAMP),
        Column("leave_at", Type.TIMESTAMP),
    ),
    natural_key=("user_id",),
    any_of=(),
    # An Okta export without its id column: the login is unique too.
    fallback=(("user_id", "okta", "user_principal_name"),),
)
