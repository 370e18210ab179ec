{# Bits of an integer on DuckDB; `../bits.sql` says what each macro means. #}

{% macro duckdb__bit_at(place) -%}(cast(1 as bigint) << cast({{ place }} as integer)){%- endmacro %}

{% macro duckdb__first_of(list) -%}{{ list }}[1]{%- endmacro %}

{% macro duckdb__evidence_of_lists(lists) -%}list_slice(list_sort(list_distinct(flatten(list({{ lists }})))), 1,
    20){%- endmacro %}
