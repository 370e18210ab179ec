"""SQL that looks a cell up in its value table, in two steps: the key of the text (`k_<column>`), then its value (`m_<column>`).

The value is empty where the text means nothing, and null where no row knows it. The tables are data of `pipelines/contracts/values`.
"""

from __future__ import annotations

from pipelines.contracts import Column
from pipelines.contracts.values import ValueTable
from pipelines.ingest.conform.sqltext import ANY_BLANK, case_of, literal

# The bit of userAccountControl that says that an account is disabled (ACCOUNTDISABLE, MS-ADTS 2.2.16). A value has a bit for the kind of account too,
# so that a small number is none.
DISABLED_BIT, SMALLEST_CONTROL = 2, 256
# A text with one of these is not what a word in it says ("not active").
DENIALS = "no|not|non|never|without|nicht|kein|keine|nie|pas|sin|senza|sem|niet|geen"


def key_sql(column: Column, table: ValueTable) -> str:
    """SQL of the key of `v_<column>`; null for a text of which the value is known without one."""
    cell = f'"v_{column.name}"'
    key = f"trim(regexp_replace(lower(nfc_normalize({cell})), '({ANY_BLANK}|[_-])+', ' ', 'g'))"
    plain = f"{cell} in ({', '.join(literal(t) for t in table.plain)})" if table.plain else "false"
    return f"case when {cell} is null or {plain} then null else {key} end"


def value_sql(column: Column, table: ValueTable) -> str:
    """SQL of what `v_<column>` says by its table, with `k_<column>`."""
    cell, key = f'"v_{column.name}"', f'"k_{column.name}"'
    keys = ", ".join(literal(k) for k in table.exact)
    said = ", ".join(literal(v) for v in table.exact.values())
    steps = [(f"{cell} = {literal(text)}", literal(value)) for text, value in table.plain.items()]
    steps.append((f"{key} is null", "null"))
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
