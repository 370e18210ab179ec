{# Bits of an integer on Spark; `../bits.sql` says what each macro means. #}

{% macro spark__bit_at(place) -%}shiftleft(cast(1 as bigint), cast({{ place }} as int)){%- endmacro %}

{% macro spark__first_of(list) -%}element_at({{ list }}, 1){%- endmacro %}

{% macro spark__evidence_of_lists(lists) -%}slice(sort_array(array_distinct(flatten(collect_list({{ lists }})))), 1,
    20){%- endmacro %}
