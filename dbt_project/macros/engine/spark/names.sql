{# Names of columns on Spark; `../names.sql` says what each macro means. #}

{% macro spark__cased(name) -%}`{{ name }}`{%- endmacro %}

{% macro spark__all_but(columns) -%}except ({{ columns }}){%- endmacro %}
