"""SQL of what is wrong with a row, and of what is noted about its cells without costing it: unread cells and unknown
values.

Which columns cost a row is the contract's (`Contract.rejecting`). Whom a rejected row is about is `ingest/noted`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contracts import Column, Contract, Kind, Type
from pipelines.contracts.contract import LIMIT
from pipelines.contracts.values import UNKNOWN, ValueTable
from pipelines.ingest.conform import dates
from pipelines.ingest.sqltext import is_one_of, literal, shown

EXPECTED = {
    Type.DATE: "a date (YYYY-MM-DD)",
    Type.TIMESTAMP: "a time (YYYY-MM-DDTHH:MM:SSZ)",
    Type.NUMBER: "a number",
    Type.PRICE: "a number",
    Type.RATE: "a number",
    Type.INTEGER: "a whole number",
    Type.BOOLEAN: "true or false",
}
TOO_LARGE = f" is too large; a number below {LIMIT:,} is expected"
# It need not be an address, and old domains have blanks in it.
SIGN_IN_NAME = "user_principal_name"
# Others name somebody else (a sponsor, an owner), or are kept as a directory has them.
ADDRESS_OF_PERSON = "email"
# Marks that part an address from the words beside it.
MARKS = '<>()[],;:|"'
DAMAGED = "^[+-]?[0-9]+([.,][0-9]+)?[Ee][+][0-9]+$"
# What PowerShell writes where a property holds an object and not a text.
TYPE_NAME = "^(System|Microsoft)[.][A-Za-z0-9_.]+(\\[\\])?$"
# What a spreadsheet shows where a formula fails, in any language: #REF!, #BEZUG!, #¿NOMBRE? and those without a mark.
ERRORS_WITHOUT_MARK = ("#N/A", "#NV", "#N/D", "#N/B", "#I/T", "#YOK", "#Н/Д", "#HIÁNYZIK", "#NENÍ_K_DISPOZICI")
SHEET_ERROR_WHY = " is what a spreadsheet shows in place of a value; put the value itself there"
# Columns whose emptiness in every row has one known reason, and what to do.
EMPTY_IN_EVERY_ROW = {
    ("directory_users", "account_enabled"): (
        "Get-MgUser returns AccountEnabled only where it is asked for: export again with "
        "Get-MgUser -All -Property "
        "AccountEnabled,Id,UserPrincipalName,Mail,GivenName,Surname,UserType,Department,EmployeeId,CreatedDateTime"
    )
}


@dataclass(frozen=True)
class Noted:
    """A column of which cells are noted. is_value: a text that its value table does not know; else a cell that could
    not be read. condition: SQL.
    """

    column: Column
    is_value: bool
    condition: str


def can_be_no_text(column: Column) -> bool:
    """Whether the column is one of texts, whose cells may hold what a program writes in place of one."""
    return column.type in (Type.TEXT, Type.EMAIL)


def is_no_text(contract: Contract, cell: str) -> str:
    """SQL: the cell is an error of a spreadsheet or, in exports from outside the portal, which PowerShell writes, the
    name of a type.
    """
    # Where a column is too narrow there is nothing but signs. A pattern would take longer to compile than most files to
    # read.
    error = (
        f"({cell}[-1] in ('!', '?') and not contains({cell}, ' ')) or {is_one_of(cell, ERRORS_WITHOUT_MARK)} or "
        f"(strlen({cell}) > 2 and trim({cell}, '#') = '')"
    )
    steps = [f"when {cell} >= '#' and {cell} < '$' then {error}"]
    if contract.section == "outside":
        steps.append(
            f"when {cell} >= 'M' and {cell} < 'T' and contains({cell}, '.') then regexp_matches({cell}, '{TYPE_NAME}')"
        )
    return f"case {' '.join(steps)} else false end"


def names_person(column: Column) -> bool:
    """Whether the column holds the address of the person that a row is about."""
    return column.type is Type.EMAIL and column.name == ADDRESS_OF_PERSON


def is_no_address(cell: str) -> str:
    """SQL: the cell says a name, or words of which it is not known which are part of the address."""
    closed = f"replace(replace({cell}, ' @', '@'), '@ ', '@')"
    words = f"({closed} like '% %' and translate({cell}, {literal(MARKS)}, '') = {cell})"
    return f"case when {cell} like '% %' then not contains({cell}, '@') or {words} else false end"


def is_damaged(cell: str) -> str:
    """SQL: an identifier that a spreadsheet turned into a number in scientific notation."""
    # A hash is longer than any number.
    return (
        f"case when strlen({cell}) <= 24 and contains({cell}, '+') then regexp_matches({cell}, '{DAMAGED}') else "
        "false end"
    )


def unread(column: Column) -> str:
    """SQL: a cell says something that its type cannot hold."""
    cell = f'"v_{column.name}"'
    value = f'"t_{column.name}"' if column.type in dates.DATE_TYPES else f'"{column.name}"'
    return f"{cell} is not null and {value} is null"


def noted_columns(contract: Contract, given: list[Column], tables: dict[str, ValueTable]) -> list[Noted]:
    """What is noted about the cells of a file with these columns, in the order of the contract."""
    found = []
    for column in given:
        table = tables.get(column.name)
        if table is not None and table.is_closed:
            if contract.kind is not Kind.REFERENCE:
                unknown = f'"v_{column.name}" is not null and "m_{column.name}" is null'
                found.append(Noted(column, True, unknown))
        elif column.name not in contract.rejecting:
            if column.type in EXPECTED:
                found.append(Noted(column, False, unread(column)))
            elif can_be_no_text(column):
                cell = f'"v_{column.name}"'
                no_address = f" or {is_no_address(cell)}" if names_person(column) else ""
                found.append(Noted(column, False, is_no_text(contract, cell) + no_address))
    return found


def faults_of(contract: Contract, column: Column, table: ValueTable | None, order: str | None) -> list[tuple[str, str]]:
    """(condition, reason) pairs of a column in SQL, in the order in which they are looked at; each costs the row."""
    cell, value = f'"v_{column.name}"', f'"{column.name}"'
    faults: list[tuple[str, str]] = []
    quoted = shown(cell)
    if column.identifier:
        why = (
            " is in scientific notation: a spreadsheet wrote it and lost its last digits; export again, and do not "
            "save it from a spreadsheet"
        )
        faults.append((is_damaged(cell), f"{quoted} || {literal(why)}"))
    if column.type.is_number:
        # It can be read: no cell of it is unread, and what it would count is no amount of a company.
        large = f'{unread(column)} and abs(try_cast("z_{column.name}" as double)) >= {LIMIT}'
        faults.append((large, f"{quoted} || {literal(TOO_LARGE)}"))
    costs = column.name in contract.rejecting
    is_closed = table is not None and table.is_closed
    if costs and column.type in EXPECTED and column.type is not Type.BOOLEAN:
        expected = EXPECTED[column.type]
        why = literal(f" is not {expected}")
        if column.type in dates.DATE_TYPES:
            why = dates.unread_reason(f'"n_{column.name}"', order, expected)
        faults.append((unread(column), f"{quoted} || {why}"))
    if costs and column.type is Type.EMAIL and column.name != SIGN_IN_NAME:
        faults.append((is_no_address(cell), f"{quoted} || ' is not an e-mail address'"))
    if costs and can_be_no_text(column) and not is_closed:
        faults.append((is_no_text(contract, cell), f"{quoted} || {literal(SHEET_ERROR_WHY)}"))
    if column.required:
        # A boolean whose text no row knows is loaded as neither; an empty one is missing.
        is_empty = (
            f"({cell} is null or \"m_{column.name}\" = '')" if column.type is Type.BOOLEAN else f"{value} is null"
        )
        if is_closed and column.type is Type.BOOLEAN and contract.kind is Kind.REFERENCE:
            faults.append((f'{cell} is not null and "m_{column.name}" is null', f"{quoted} || ' is not true or false'"))
        faults.append((is_empty, "'is empty; a value is required'"))
    if costs and column.minimum is not None:
        sign, words = ("<=", "more than") if column.exclusive else ("<", "at least")
        faults.append(
            (
                f"{value} {sign} {column.minimum}",
                f"{quoted} || ' is out of range; {words} {column.minimum} is expected'",
            )
        )
    if is_closed and column.values and UNKNOWN not in column.values:
        allowed = ", ".join(literal(v) for v in column.values)
        faults.append(
            (f"{value} not in ({allowed})", f"{quoted} || {literal(' is none of: ' + ', '.join(column.values))}")
        )
    for group in contract.any_of:
        if group[0] == column.name:
            empty = " and ".join(f'"{c}" is null' for c in group)
            faults.append((empty, literal(f"is empty, and so is {', '.join(group[1:])}; one of them is required")))
    return faults
