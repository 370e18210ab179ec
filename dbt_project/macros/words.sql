{# Sentences for people: numbers with their nouns, amounts with their currency. #}

{# `1 day`, `2 days`. number: an integer or decimal expression without null. #}
{% macro counted(number, noun, plural=none) -%}
({{ number }} || case when {{ number }} = 1 then ' {{ noun }}'
    else ' {{ plural if plural is not none else noun ~ 's' }}' end)
{%- endmacro %}

{# An amount to the cent with its currency, where that is known. #}
{% macro amount_text(amount, currency) -%}(cast(cast({{ amount }} as {{ money_type() }}) as string)
    || coalesce(' ' || {{ currency }}, '')){%- endmacro %}

{# A folded name as a person writes it. #}
{% macro readable_name(name) -%}replace({{ name }}, '_', ' '){%- endmacro %}
