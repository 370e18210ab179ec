{# Amounts of two currencies. Where one of them is not known they are taken to be of one. Rates: int_rate. #}

{# What an amount is multiplied by before it is compared: 1 where the currencies are one, else the rate, null where
   there is none. #}
{% macro rate_where(differ, per_unit) -%}case when {{ differ }} then {{ per_unit }}
    else cast(1 as {{ rate_type() }}) end{%- endmacro %}
