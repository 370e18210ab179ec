"""Contract of `usage_report`: Usage report: one row per user and offering. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="usage_report",
    title="Usage report: one row per user and offering",
    kind=Kind.STATE,
    section="1, 3",
    columns=(
        Column("hashed_autodesk_id", identifier=True),
        Column("first_name"),
        Column("last_name"),
        Column("email", Type.EMAIL),
        Column("autodesk_id", identifier=True),
        Column("team_alias"),
        Column("group"),
        Column("offering_name", required=True),
        Column("version"),
        Column(
            "seat_assignment",
            required=True,
            values=(
                "assigned",
                "unassigned",
            ),
        ),
        Column("assigned_date", Type.DATE),
        Column("unassigned_date", Type.DATE),
        Column("user_activity"),
        Column("days_inactive", Type.INTEGER),
        Column("access_option"),
        Column("days_used", Type.INTEGER),
        Column("monthly_average", Type.NUMBER),
        Column("tokens_used", Type.NUMBER),
        Column("last_accessed", Type.DATE),
    ),
    natural_key=("team_alias", "offering_name", "person", "version", "access_option"),
    any_of=(("email", "hashed_autodesk_id"),),
)
