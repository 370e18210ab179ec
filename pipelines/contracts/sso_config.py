"""Contract of `sso_config`: SSO and directory sync settings (project contract). Columns and keys only; spellings are
rows of `aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="sso_config",
    title="SSO and directory sync settings (project contract)",
    kind=Kind.STATE,
    section="6",
    columns=(
        Column("team_alias", required=True),
        Column("domain", required=True),
        Column("domain_verified", Type.BOOLEAN, required=True),
        Column("sso_enabled", Type.BOOLEAN, required=True),
        Column("directory_sync_enabled", Type.BOOLEAN, required=True),
        Column("jit_enabled", Type.BOOLEAN),
        Column("default_assignment_offerings"),
        Column("last_sync_at", Type.TIMESTAMP),
        Column("sync_errors", Type.INTEGER),
    ),
    natural_key=("team_alias", "domain"),
    any_of=(),
)
