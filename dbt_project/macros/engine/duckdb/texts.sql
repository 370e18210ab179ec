{# Texts, hashes and patterns on DuckDB; `../texts.sql` says what each macro means. #}

{# To see that a text is folded already, as most are, costs a sixth of folding it. #}
{% macro duckdb__fold(expression) -%}
case when regexp_full_match({{ expression }}, '[a-z0-9]+(_[a-z0-9]+)*') then {{ expression }}
    else trim(regexp_replace(lower({{ expression }}), '[^a-z0-9]+', '_', 'g'), '_') end
{%- endmacro %}

{% macro duckdb__lower_case(expression) -%}lower({{ expression }}){%- endmacro %}

{% macro duckdb__upper_case(expression) -%}upper({{ expression }}){%- endmacro %}

{% macro duckdb__trimmed(expression) -%}trim({{ expression }}){%- endmacro %}

{% macro duckdb__whole_of_text(expression) -%}cast({{ expression }} as bigint){%- endmacro %}

{% macro duckdb__sha256_hex(expression) -%}sha256({{ expression }}){%- endmacro %}

{% macro duckdb__matches(expression, pattern) -%}regexp_matches({{ expression }}, '{{ pattern }}'){%- endmacro %}

{% macro duckdb__plain_number(expression) -%}rtrim(rtrim(cast(cast({{ expression }} as decimal(38,2)) as varchar),
    '0'), '.'){%- endmacro %}

{% macro duckdb__not_materialized() -%}not materialized{%- endmacro %}

{% macro duckdb__without_padding(numbers) -%}regexp_replace({{ numbers }}, '(^|,)0+', '\1', 'g'){%- endmacro %}
