{# Lists and texts made of groups on DuckDB; `../lists.sql` says what each macro means. #}

{% macro duckdb__evidence(src) -%}min(distinct {{ src }}, 20){%- endmacro %}

{% macro duckdb__evidence_of(src) -%}[{{ src }}]{%- endmacro %}

{% macro duckdb__no_evidence() -%}cast([] as bigint[]){%- endmacro %}

{% macro duckdb__distinct_text(expression, separator) -%}array_to_string(list_sort(list(distinct {{ expression }})
    filter (where {{ expression }} is not null)), '{{ separator }}'){%- endmacro %}

{% macro duckdb__split_rows(expression, separator, trimmed) -%}{{ 'trim(' if trimmed
    }}unnest(string_split({{ expression }}, '{{ separator }}')){{ ')' if trimmed }}{%- endmacro %}

{% macro duckdb__list_rows(list) -%}unnest({{ list }}){%- endmacro %}

{% macro duckdb__list_size(list) -%}len({{ list }}){%- endmacro %}

{% macro duckdb__value_by(function, value, key, ties, where) -%}
{%- set conditions = ([value ~ ' is not null', key ~ ' is not null'] if ties else []) + ([where] if where else []) -%}
{{ function }}({{ value }}, {{ 'row(' ~ key ~ ', ' ~ value ~ ')' if ties else key }})
{%- if conditions %} filter (where {{ conditions | join(' and ') }}){% endif %}
{%- endmacro %}

{% macro duckdb__joined_evidence(first, second) -%}list_sort(list_distinct(list_concat(list_slice({{ first }}, 1, 10),
    list_slice({{ second }}, 1, 20 - least(len({{ first }}), 10))))){%- endmacro %}

{% macro duckdb__evidence_with(list, first, second) -%}list_sort(list_distinct(list_concat(list_slice({{ list }}, 1,
    18), cast([{{ first }}, {{ second }}] as bigint[])))){%- endmacro %}

{% macro duckdb__first_texts(expression, number, separator) -%}array_to_string(min(distinct {{ expression }},
    {{ number }}), '{{ separator }}'){%- endmacro %}
