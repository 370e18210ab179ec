"""SQL that looks a cell up in its value table, in three steps: what it says as it is mostly spelt (`y_<column>`), the
key of any other text (`k_<column>`), then the value of either (`m_<column>`).

The value is empty where the text means nothing, and null where no row knows it. The tables are data of
`pipelines/contracts/values`.
"""

from __future__ import annotations

from pipelines.contracts import Column
from pipelines.contracts.values import ValueTable
from pipelines.ingest.sqltext import ANY_BLANK, case_of, literal

# The bit of userAccountControl that says that an account is disabled (ACCOUNTDISABLE, MS-ADTS 2.2.16). A value has a
# bit for the kind of account too, so that a small number is none.
DISABLED_BIT, SMALLEST_CONTROL = 2, 256
# A text with one of these is not what a word in it says ("not active").
DENIALS = "no|not|non|never|without|nicht|kein|keine|nie|pas|sin|senza|sem|niet|geen"


def plain_sql(column: Column, table: ValueTable) -> str:
    """SQL of what `v_<column>` says where it is spelt as it mostly is, else null."""
    cell = f'"v_{column.name}"'
    return case_of([(f"{cell} = {literal(text)}", literal(value)) for text, value in table.plain.items()])


def key_sql(column: Column) -> str:
    """SQL of the key of `v_<column>`; null where `y_<column>` says what it means already."""
    cell = f'"v_{column.name}"'
    key = f"trim(regexp_replace(lower(nfc_normalize({cell})), '({ANY_BLANK}|[_-])+', ' ', 'g'))"
    return f'case when "y_{column.name}" is null and {cell} is not null then {key} end'


def value_sql(column: Column, table: ValueTable) -> str:
    """SQL of what `v_<column>` says by its table, with `k_<column>` and `y_<column>`."""
    cell, key = f'"v_{column.name}"', f'"k_{column.name}"'
    keys = ", ".join(literal(k) for k in table.exact)
    said = ", ".join(literal(v) for v in table.exact.values())
    steps = [(f"{key} is null", f'"y_{column.name}"')]
    if column.name == "account_enabled":
        control = f"abs(try_cast({cell} as bigint))"
        steps.append(
            (
                f"regexp_full_match({cell}, '-?[0-9]{{3,18}}') and {control} >= {SMALLEST_CONTROL}",
                f"case when {control} & {DISABLED_BIT} = 0 then 'true' else 'false' end",
            )
        )
    if keys:
        steps.append((f"list_contains([{keys}], {key})", f"([{said}])[list_position([{keys}], {key})]"))
    if table.patterns:
        steps.append((f"regexp_matches({key}, '\\b({DENIALS})\\b')", "null"))
        steps += [(f"regexp_matches({key}, {literal(pattern)})", literal(value)) for pattern, value in table.patterns]
    return case_of(steps)
