{# Texts, hashes and patterns: what differs between engines. Patterns hold no backslash. #}

{# Folding of headers and names: lower case, runs outside [a-z0-9] become _, ends stripped. #}
{% macro fold(expression) -%}{{ return(adapter.dispatch('fold', 'selfaudit')(expression)) }}{%- endmacro %}

{% macro sha256_hex(expression) -%}{{ return(adapter.dispatch('sha256_hex', 'selfaudit')(expression)) }}{%- endmacro %}

{% macro matches(expression, pattern) -%}{{ return(adapter.dispatch('matches', 'selfaudit')(expression,
    pattern)) }}{%- endmacro %}

{# Leading integer of a version text, null where there is none. #}
{% macro leading_integer(expression) -%}try_cast(nullif(regexp_extract({{ expression }}, '^ *([0-9]+)', 1),
    '') as integer){%- endmacro %}

{# A number as text without trailing zeros, for sentences. #}
{% macro plain_number(expression) -%}{{ return(adapter.dispatch('plain_number',
    'selfaudit')(expression)) }}{%- endmacro %}

{# The whole text as a number, null where it is none: to compare versions. #}
{% macro leading_number(expression) -%}try_cast({{ expression }} as double){%- endmacro %}

{# A condition of a CTE that is read several times: that it is made once. True of every row. #}
{% macro made_once() -%}{{ return(adapter.dispatch('made_once', 'selfaudit')()) }}{%- endmacro %}

{# Before the query of a CTE that is read twice and must not be kept in memory, since its rows are many and wide. #}
{% macro not_materialized() -%}{{ return(adapter.dispatch('not_materialized', 'selfaudit')()) }}{%- endmacro %}

{# Numbers separated by commas, without the noughts before them. #}
{% macro without_padding(numbers) -%}{{ return(adapter.dispatch('without_padding',
    'selfaudit')(numbers)) }}{%- endmacro %}
