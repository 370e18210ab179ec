{# Whole numbers of up to 38 digits on DuckDB; `../money.sql` says what each macro means. #}

{% macro duckdb__units(amount, places) -%}cast(replace(cast(cast({{ amount }} as decimal(38,{{ places }})) as varchar),
    '.', '') as hugeint){%- endmacro %}

{% macro duckdb__whole(expression) -%}cast({{ expression }} as hugeint){%- endmacro %}

{% macro duckdb__quotient(number, divisor) -%}(({{ number }}) // nullif({{ divisor }}, 0)){%- endmacro %}
