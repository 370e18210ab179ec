"""Contract of `device_inventory`: Device and software inventory. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="device_inventory",
    title="Device and software inventory",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("device_id", required=True, identifier=True),
        Column("product_display_name", required=True),
        Column("version"),
        Column("publisher"),
        Column("user_email", Type.EMAIL),
        Column("last_seen_at", Type.TIMESTAMP),
        Column("licence_class", values=("commercial", "education", "trial", "unknown")),
    ),
    natural_key=(),
    any_of=(),
    # Win32_Product, PDQ and osquery call the program by its name, Lansweeper software.
    guarded=tuple(
        ("product_display_name", header, ("device_id", "version", "publisher"))
        for header in (
            "name",
            "software",
            "logiciel",
            "application",
            "program",
            "title",
            "product",
            "produkt",
            "programm",
            "anwendung",
            "produit",
            "producto",
            "programa",
        )
    ),
)
