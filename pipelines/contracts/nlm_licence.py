"""Contract of `nlm_licence`: FlexNet licence file. Columns only; the file has no header, `pipelines/flexnet/licence`
reads it.
"""

from pipelines.contracts.contract import Column, Contract, Form, Kind, Type

CONTRACT = Contract(
    name="nlm_licence",
    title="FlexNet licence file",
    kind=Kind.STATE,
    section="outside",
    form=Form.LICENCE_FILE,
    columns=(
        Column("line_number", Type.INTEGER, required=True, minimum=1),
        Column("kind", required=True, values=("increment", "feature", "package")),
        Column("feature", required=True),
        Column("daemon", required=True),
        Column("version"),
        Column("licences", Type.INTEGER, minimum=0),
        Column("is_uncounted", Type.BOOLEAN),
        Column("start_on", Type.DATE),
        Column("expires_on", Type.DATE),
        Column("issued_on", Type.DATE),
        Column("serial_number"),
        Column("dup_group"),
        Column("suite_dup_group"),
        Column("vendor_string"),
        Column("issuer"),
        Column("supersedes"),
        Column("is_superseded", Type.BOOLEAN),
        Column("is_priority_list", Type.BOOLEAN),
        Column("components"),
        Column("server"),
    ),
)
