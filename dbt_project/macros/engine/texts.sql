{# Texts, hashes and patterns: what differs between engines. Patterns hold no backslash. #}

{# Folding of headers and names: lower case, runs outside [a-z0-9] become _, ends stripped. #}
{% macro fold(expression) -%}{{ return(adapter.dispatch('fold', 'selfaudit')(expression)) }}{%- endmacro %}
{# To see that a text is folded already, as most are, costs a sixth of folding it. #}
{% macro default__fold(expression) -%}
case when regexp_full_match({{ expression }}, '[a-z0-9]+(_[a-z0-9]+)*') then {{ expression }}
    else trim(regexp_replace(lower({{ expression }}), '[^a-z0-9]+', '_', 'g'), '_') end
{%- endmacro %}
{% macro spark__fold(expression) -%}trim(both '_' from regexp_replace(lower({{ expression }}), '[^a-z0-9]+',
    '_')){%- endmacro %}

{% macro sha256_hex(expression) -%}{{ return(adapter.dispatch('sha256_hex', 'selfaudit')(expression)) }}{%- endmacro %}
{% macro default__sha256_hex(expression) -%}sha256({{ expression }}){%- endmacro %}
{% macro spark__sha256_hex(expression) -%}sha2({{ expression }}, 256){%- endmacro %}

{% macro matches(expression, pattern) -%}{{ return(adapter.dispatch('matches', 'selfaudit')(expression,
    pattern)) }}{%- endmacro %}
{% macro default__matches(expression, pattern) -%}regexp_matches({{ expression }}, '{{ pattern }}'){%- endmacro %}
{% macro spark__matches(expression, pattern) -%}({{ expression }} rlike '{{ pattern }}'){%- endmacro %}

{# Leading integer of a version text, null where there is none. #}
{% macro leading_integer(expression) -%}try_cast(nullif(regexp_extract({{ expression }}, '^ *([0-9]+)', 1),
    '') as integer){%- endmacro %}

{# A number as text without trailing zeros, for sentences. #}
{% macro plain_number(expression) -%}{{ return(adapter.dispatch('plain_number',
    'selfaudit')(expression)) }}{%- endmacro %}
{% macro default__plain_number(expression) -%}rtrim(rtrim(cast(cast({{ expression }} as decimal(38,2)) as varchar),
    '0'), '.'){%- endmacro %}
{% macro spark__plain_number(expression) -%}regexp_replace(cast(cast({{ expression }} as decimal(38,2)) as string),
    '[.]00$', ''){%- endmacro %}

{# The whole text as a number, null where it is none: to compare versions. #}
{% macro leading_number(expression) -%}try_cast({{ expression }} as double){%- endmacro %}

{# Before the query of a CTE that is read twice and must not be kept in memory, since its rows are many and wide. #}
{% macro not_materialized() -%}{{ return(adapter.dispatch('not_materialized', 'selfaudit')()) }}{%- endmacro %}
{% macro default__not_materialized() -%}not materialized{%- endmacro %}
{% macro spark__not_materialized() -%}{%- endmacro %}
