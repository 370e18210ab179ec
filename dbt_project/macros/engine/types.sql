{# The types of amounts, rates and counts, chosen once; docs/decisions/0024 has the reasons. What arrives is below
   10^15 (Type in pipelines/contracts/contract.py says the same, by test). #}

{# As it arrives: a quantity, tokens, an amount as stated; an amount for one of something; a rate between two
   currencies. #}
{% macro number_type() -%}decimal(19,4){%- endmacro %}
{% macro price_type() -%}decimal(21,6){%- endmacro %}
{% macro rate_type() -%}decimal(33,18){%- endmacro %}

{# Sums of quantities or tokens. #}
{% macro total_type() -%}decimal(38,4){%- endmacro %}
{# An amount before it is rounded; below 10^26. #}
{% macro exact_type() -%}decimal(38,12){%- endmacro %}
{# An amount as it is shown, and sums of such amounts; also tokens at two decimals. #}
{% macro money_type() -%}decimal(38,2){%- endmacro %}
{# Whole numbers whose products or sums may have more than 18 digits: cents, weights. #}
{% macro whole_type() -%}decimal(38,0){%- endmacro %}
