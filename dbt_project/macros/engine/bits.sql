{# Days of a month as bits of an integer, the first day the lowest: what differs between engines. #}

{# The number whose only bit is that of a place from 0. #}
{% macro bit_at(place) -%}{{ return(adapter.dispatch('bit_at', 'selfaudit')(place)) }}{%- endmacro %}

{# The place of the highest and of the lowest bit of a number that is not 0. #}
{% macro highest_bit(bits) -%}cast(floor(log2({{ bits }})) as integer){%- endmacro %}
{% macro lowest_bit(bits) -%}{{ highest_bit('(' ~ bits ~ ' & -' ~ bits ~ ')') }}{%- endmacro %}

{# The first of a list that is not empty. #}
{% macro first_of(list) -%}{{ return(adapter.dispatch('first_of', 'selfaudit')(list)) }}{%- endmacro %}

{# The evidence of a group whose rows carry lists of evidence: sorted, distinct, at most 20. #}
{% macro evidence_of_lists(lists) -%}{{ return(adapter.dispatch('evidence_of_lists',
    'selfaudit')(lists)) }}{%- endmacro %}
