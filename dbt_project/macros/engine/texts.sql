{# Texts, hashes and patterns: what differs between engines. Patterns hold no backslash. #}

{# Folding of headers and names: lower case, runs outside [a-z0-9] become _, ends stripped. #}
{% macro fold(expression) -%}{{ return(adapter.dispatch('fold', 'selfaudit')(expression)) }}{%- endmacro %}

{% macro sha256_hex(expression) -%}{{ return(adapter.dispatch('sha256_hex', 'selfaudit')(expression)) }}{%- endmacro %}

{% macro matches(expression, pattern) -%}{{ return(adapter.dispatch('matches', 'selfaudit')(expression,
    pattern)) }}{%- endmacro %}

{# Letters in lower and in upper case: one letter for one letter, without a look at its neighbours. #}
{% macro lower_case(expression) -%}{{ return(adapter.dispatch('lower_case', 'selfaudit')(expression)) }}{%- endmacro %}
{% macro upper_case(expression) -%}{{ return(adapter.dispatch('upper_case', 'selfaudit')(expression)) }}{%- endmacro %}

{# Without spaces of any kind (Unicode's category Zs) at both ends. #}
{% macro trimmed(expression) -%}{{ return(adapter.dispatch('trimmed', 'selfaudit')(expression)) }}{%- endmacro %}

{# A text that is a number, as a whole one: a fraction is rounded, half away from zero. An error where it is none. #}
{% macro whole_of_text(expression) -%}{{ return(adapter.dispatch('whole_of_text',
    'selfaudit')(expression)) }}{%- endmacro %}

{# Leading integer of a version text, null where there is none. #}
{% macro leading_integer(expression) -%}try_cast(nullif(regexp_extract({{ expression }}, '^ *([0-9]+)', 1),
    '') as integer){%- endmacro %}

{# A number as text without trailing zeros, for sentences. #}
{% macro plain_number(expression) -%}{{ return(adapter.dispatch('plain_number',
    'selfaudit')(expression)) }}{%- endmacro %}

{# The whole text as a number, null where it is none: to compare versions. What else an engine takes for a number (`1d`,
   `1_000`, `inf`) is none. #}
{% macro leading_number(expression) -%}case when {{ matches(expression, '^ *[0-9]+([.][0-9]*)? *$') }}
    then try_cast({{ expression }} as double) end{%- endmacro %}

{# Before the query of a CTE that is read twice and must not be kept in memory, since its rows are many and wide. #}
{% macro not_materialized() -%}{{ return(adapter.dispatch('not_materialized', 'selfaudit')()) }}{%- endmacro %}

{# Numbers separated by commas, without the noughts before them. #}
{% macro without_padding(numbers) -%}{{ return(adapter.dispatch('without_padding',
    'selfaudit')(numbers)) }}{%- endmacro %}
