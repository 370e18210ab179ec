{# Names of columns on DuckDB; `../names.sql` says what each macro means. #}

{% macro duckdb__cased(name) -%}"{{ name }}"{%- endmacro %}

{% macro duckdb__all_but(columns) -%}exclude ({{ columns }}){%- endmacro %}
