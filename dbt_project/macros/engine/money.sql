{# Money: exact, rounded once to two decimals, half away from zero. #}

{# amount x numerator / denominator in exact integer arithmetic. amount: decimal with at most 4 places; numerator: integer or
   decimal with at most 4 places; denominator: positive integer, null or 0 gives null. #}
{% macro money_div(amount, numerator, denominator) -%}{{ return(adapter.dispatch('money_div', 'selfaudit')(amount, numerator, denominator)) }}{%- endmacro %}
{% macro default__money_div(amount, numerator, denominator) -%}
cast(cast(sign({{ amount }}) * sign({{ numerator }}) as integer) * ((2 * (abs(cast(cast({{ amount }} as decimal(18,4)) * 10000 as hugeint)) * abs(cast(cast({{ numerator }} as decimal(18,4)) * 10000 as hugeint))) + cast({{ denominator }} as hugeint) * 1000000) // nullif(2 * cast({{ denominator }} as hugeint) * 1000000, 0)) as decimal(18,0)) * cast(0.01 as decimal(3,2))
{%- endmacro %}
{% macro spark__money_div(amount, numerator, denominator) -%}
cast(round(cast({{ amount }} as decimal(18,4)) * cast({{ numerator }} as decimal(18,4)) / nullif(cast({{ denominator }} as decimal(18,0)), 0), 2) as decimal(18,2))
{%- endmacro %}

{# amount x rate / denominator as money, exactly: the amount is not rounded before. amount: decimal with at most 12 places, or an integer; rate: decimal with
   at most 4 places; denominator: positive integer, null or 0 gives null. #}
{% macro money_ratio(amount, rate, denominator) -%}{{ return(adapter.dispatch('money_ratio', 'selfaudit')(amount, rate, denominator)) }}{%- endmacro %}
{% macro default__money_ratio(amount, rate, denominator) -%}
cast(cast(sign({{ amount }}) * sign({{ rate }}) as integer) * ((2 * abs(cast(cast({{ amount }} as decimal(38,12)) * 1000000000000 as hugeint)) * abs(cast(cast({{ rate }} as decimal(18,4)) * 10000 as hugeint)) + cast({{ denominator }} as hugeint) * 100000000000000) // nullif(2 * cast({{ denominator }} as hugeint) * 100000000000000, 0)) as decimal(18,0)) * cast(0.01 as decimal(3,2))
{%- endmacro %}
{% macro spark__money_ratio(amount, rate, denominator) -%}
cast(round(cast({{ amount }} as decimal(38,12)) * cast({{ rate }} as decimal(18,4)) / nullif(cast({{ denominator }} as decimal(18,0)), 0), 2) as decimal(18,2))
{%- endmacro %}

{# A product of decimals as money. Up to 4 places each side. #}
{% macro money(expression) -%}cast(round({{ expression }}, 2) as decimal(18,2)){%- endmacro %}

{# floor(amount x numerator / denominator) as an integer, exactly; amounts have at most 4 places; null where the denominator is 0. #}
{% macro floor_div(amount, numerator, denominator) -%}{{ return(adapter.dispatch('floor_div', 'selfaudit')(amount, numerator, denominator)) }}{%- endmacro %}
{% macro default__floor_div(amount, numerator, denominator) -%}
cast((cast(cast({{ amount }} as decimal(18,4)) * 10000 as hugeint) * cast({{ numerator }} as hugeint)) // nullif(cast(cast({{ denominator }} as decimal(18,4)) * 10000 as hugeint), 0) as bigint)
{%- endmacro %}
{% macro spark__floor_div(amount, numerator, denominator) -%}
cast(floor(cast({{ amount }} as decimal(18,4)) * {{ numerator }} / nullif({{ denominator }}, 0)) as bigint)
{%- endmacro %}

{# floor(whole x weight / weight_all) for integers, as bigint; null where weight_all is 0. #}
{% macro whole_share(whole, weight, weight_all) -%}{{ return(adapter.dispatch('whole_share', 'selfaudit')(whole, weight, weight_all)) }}{%- endmacro %}
{% macro default__whole_share(whole, weight, weight_all) -%}
cast((cast({{ whole }} as hugeint) * {{ weight }}) // nullif({{ weight_all }}, 0) as bigint)
{%- endmacro %}
{% macro spark__whole_share(whole, weight, weight_all) -%}
cast(floor(cast({{ whole }} as decimal(18,0)) * {{ weight }} / nullif({{ weight_all }}, 0)) as bigint)
{%- endmacro %}
