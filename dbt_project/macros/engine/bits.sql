{# Days of a month as bits of an integer, the first day the lowest: what differs between engines. #}

{# The number whose only bit is that of a place from 0. #}
{% macro bit_at(place) -%}{{ return(adapter.dispatch('bit_at', 'selfaudit')(place)) }}{%- endmacro %}
{% macro default__bit_at(place) -%}(cast(1 as bigint) << cast({{ place }} as integer)){%- endmacro %}
{% macro spark__bit_at(place) -%}shiftleft(cast(1 as bigint), cast({{ place }} as int)){%- endmacro %}

{# The place of the highest and of the lowest bit of a number that is not 0. #}
{% macro highest_bit(bits) -%}cast(floor(log2({{ bits }})) as integer){%- endmacro %}
{% macro lowest_bit(bits) -%}{{ highest_bit('(' ~ bits ~ ' & -' ~ bits ~ ')') }}{%- endmacro %}

{# The first of a list that is not empty. #}
{% macro first_of(list) -%}{{ return(adapter.dispatch('first_of', 'selfaudit')(list)) }}{%- endmacro %}
{% macro default__first_of(list) -%}{{ list }}[1]{%- endmacro %}
{% macro spark__first_of(list) -%}element_at({{ list }}, 1){%- endmacro %}

{# The evidence of a group whose rows carry lists of evidence: sorted, distinct, at most 20. #}
{% macro evidence_of_lists(lists) -%}{{ return(adapter.dispatch('evidence_of_lists',
    'selfaudit')(lists)) }}{%- endmacro %}
{% macro default__evidence_of_lists(lists) -%}list_slice(list_sort(list_distinct(flatten(list({{ lists }})))), 1,
    20){%- endmacro %}
{% macro spark__evidence_of_lists(lists) -%}slice(sort_array(array_distinct(flatten(collect_list({{ lists }})))), 1,
    20){%- endmacro %}
