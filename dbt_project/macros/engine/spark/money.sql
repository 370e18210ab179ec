{# Whole numbers of up to 38 digits on Spark; `../money.sql` says what each macro means. #}

{% macro spark__units(amount, places) -%}cast(replace(cast(cast({{ amount }} as decimal(38,{{ places }})) as string),
    '.', '') as decimal(38,0)){%- endmacro %}

{% macro spark__whole(expression) -%}cast({{ expression }} as decimal(38,0)){%- endmacro %}

{% macro spark__quotient(number, divisor) -%}cast((({{ number }}) - ({{ number }}) % nullif({{ divisor }},
    0)) / nullif({{ divisor }}, 0) as decimal(38,0)){%- endmacro %}
