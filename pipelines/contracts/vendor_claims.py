"""Contract of `vendor_claims`: what the vendor or its auditor alleges, one line per allegation. Columns and keys only;
spellings are rows of `aliases_outside.csv`. How a line is answered, models say (docs/decisions/0035).
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

# Headers, folded, of a column of numbers or references.
ENGLISH = ("no", "number", "id", "ref", "reference")
GERMAN = ("nr", "lfd_nr", "laufende_nummer", "pos", "position", "zeile")
FRENCH = ("n", "num_ro", "r_f_rence", "poste", "ligne")
SPANISH = ("n_mero", "referencia", "posici_n", "l_nea")

CONTRACT = Contract(
    name="vendor_claims",
    title="Claims of the vendor or its auditor",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("claim_id", required=True, identifier=True),
        Column("product", required=True),
        Column("version"),
        Column("person"),
        Column("device"),
        Column("serial", identifier=True),
        # In words (2026-03, 2026-Q1, 2026-01-01 to 2026-03-31), or as two dates.
        Column("period"),
        Column("period_start", Type.DATE),
        Column("period_end", Type.DATE),
        Column("quantity", Type.INTEGER, minimum=0),
    ),
    natural_key=("claim_id",),
    any_of=(),
    # Many lists number their lines; one that counts copies of a product by person or device, and says when or by which
    # serial number, is an allegation.
    guarded=tuple(
        ("claim_id", header, ("product", "quantity", *others))
        for header in (*ENGLISH, *GERMAN, *FRENCH, *SPANISH)
        for others in (
            ("person", "device"),
            ("person", "period"),
            ("device", "period"),
            ("person", "serial"),
            ("device", "serial"),
        )
    ),
)
