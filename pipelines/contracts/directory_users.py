"""Contract of `directory_users`: Directory users. Columns and keys only; spellings are rows of `aliases.csv`."""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="directory_users",
    title="Directory users",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("user_id", required=True, identifier=True),
        Column("user_principal_name", Type.EMAIL, required=True),
        Column("mail", Type.EMAIL),
        # Lower case, separated by `;`. The case of SMTP: in a cell says which is the primary one, so that it is no
        # EMAIL.
        Column("other_addresses"),
        Column("given_name"),
        Column("surname"),
        Column("account_enabled", Type.BOOLEAN, required=True),
        Column("user_type"),
        Column("department"),
        Column("company_name"),
        Column("employee_id", identifier=True),
        Column("created_at", Type.TIMESTAMP),
        Column("last_sign_in_at", Type.TIMESTAMP),
        Column("leave_at", Type.TIMESTAMP),
    ),
    natural_key=("user_id",),
    any_of=(),
    # An Okta export without its id column, and one of Google Workspace, which has none: the login is unique too.
    # Google's is the address.
    fallback=(
        ("user_id", "okta", "user_principal_name"),
        ("user_id", "google", "user_principal_name"),
        ("mail", "google", "user_principal_name"),
    ),
)
