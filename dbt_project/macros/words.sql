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

{# Sentences at the end of others, where something makes a count unsure. names: folded names of the team's rows that
   no alias maps, or null; has_unknown_status: a condition. #}
{% macro note_on_names(names) -%}
coalesce(' The team also has rows under names that are not in the table of names, which may belong here: '
    || {{ readable_name(names) }} || '.', '')
{%- endmacro %}

{% macro note_on_status(has_unknown_status) -%}
case when {{ has_unknown_status }}
    then ' A subscription here has a status that no value table knows; it is counted by its dates.' else '' end
{%- endmacro %}
