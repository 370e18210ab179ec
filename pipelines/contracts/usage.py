"""Contract of `usage`: Usage export: daily use. Columns and keys only; spellings are rows of `aliases.csv`."""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="usage",
    title="Usage export: daily use",
    kind=Kind.EVENT,
    is_use=True,
    section="3",
    columns=(
        Column("day_used", Type.DATE, required=True),
        Column("offering_name", required=True),
        Column("product_name"),
        Column("version"),
        Column("access_option"),
        Column("team_alias"),
        Column("hashed_autodesk_id", identifier=True),
        Column("autodesk_id", identifier=True),
        Column("email", Type.EMAIL),
        Column("first_name"),
        Column("last_name"),
    ),
    natural_key=("team_alias", "offering_name", "product_name", "version", "access_option", "person", "day_used"),
    any_of=(("email", "hashed_autodesk_id"),),
)
