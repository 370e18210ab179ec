{# Texts, hashes and patterns on Spark; `../texts.sql` says what each macro means. #}

{% macro spark__fold(expression) -%}trim(both '_' from regexp_replace(lower({{ expression }}), '[^a-z0-9]+',
    '_')){%- endmacro %}

{% macro spark__sha256_hex(expression) -%}sha2({{ expression }}, 256){%- endmacro %}

{% macro spark__matches(expression, pattern) -%}({{ expression }} rlike '{{ pattern }}'){%- endmacro %}

{% macro spark__plain_number(expression) -%}regexp_replace(cast(cast({{ expression }} as decimal(38,2)) as string),
    '[.]?0+$', ''){%- endmacro %}

{# Spark puts the query of a CTE in every place that reads it, and plans it there, unless chance has a part in it. #}
{% macro spark__made_once() -%}(rand() < 2){%- endmacro %}

{% macro spark__not_materialized() -%}{%- endmacro %}

{% macro spark__without_padding(numbers) -%}regexp_replace({{ numbers }}, '(^|,)0+', '$1'){%- endmacro %}
