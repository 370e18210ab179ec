"""Contract of `directory_group_members`: Members of directory groups. Columns and keys only; spellings are rows of
`aliases.csv`.
"""

from pipelines.contracts.contract import Column, Contract, Kind, Type

CONTRACT = Contract(
    name="directory_group_members",
    title="Members of directory groups",
    kind=Kind.STATE,
    section="outside",
    columns=(
        Column("group_name", required=True),
        Column("member_id", identifier=True),
        Column("user_principal_name", Type.EMAIL),
        Column("mail", Type.EMAIL),
        Column("member_type"),
        # How a directory that speaks LDAP writes the membership: the group's entry, and the attribute and value in it
        # that stand for the member.
        Column("group_dn"),
        Column("member_attribute"),
        Column("member_value"),
    ),
    natural_key=(),
    any_of=(("member_id", "user_principal_name", "mail"),),
)
