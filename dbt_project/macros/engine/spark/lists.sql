{# Lists and texts made of groups on Spark; `../lists.sql` says what each macro means. #}

{% macro spark__evidence(src) -%}case when count({{ src }}) > 0
    then slice(sort_array(collect_set({{ src }})), 1, 20) end{%- endmacro %}

{% macro spark__evidence_of(src) -%}array({{ src }}){%- endmacro %}

{% macro spark__no_evidence() -%}cast(array() as array<bigint>){%- endmacro %}

{% macro spark__distinct_text(expression, separator) -%}case when count({{ expression }}) > 0
    then array_join(sort_array(collect_set({{ expression }})), '{{ separator }}') end{%- endmacro %}

{% macro spark__split_rows(expression, separator, trimmed) -%}explode({{ 'transform(' if trimmed
    }}split({{ expression }}, '{{ separator }}'){{ ', part -> trim(part))' if trimmed }}){%- endmacro %}

{% macro spark__list_rows(list) -%}explode({{ list }}){%- endmacro %}

{% macro spark__list_size(list) -%}size({{ list }}){%- endmacro %}

{# Spark returns the null value of the row with that key. #}
{% macro spark__value_by(function, value, key, ties, where) -%}
{{ function }}({{ value }}, {{ 'struct(' ~ key ~ ', ' ~ value ~ ')' if ties else key }}) filter (where
    {{ value }} is not null{{ ' and ' ~ key ~ ' is not null' if ties }}{{ ' and ' ~ where if where }})
{%- endmacro %}

{# No list and a list are that list, as on DuckDB; `array_union` of null is null. #}
{% macro spark__list_or_empty(list) -%}coalesce({{ list }}, cast(array() as array<bigint>)){%- endmacro %}

{% macro spark__joined_evidence(first, second) -%}case when {{ first }} is not null or {{ second }} is not null
    then sort_array(array_union(slice({{ spark__list_or_empty(first) }}, 1, 10),
        slice({{ spark__list_or_empty(second) }}, 1, 20 - least(size({{ spark__list_or_empty(first) }}), 10))))
    end{%- endmacro %}

{% macro spark__evidence_with(list, first, second) -%}sort_array(filter(array_union(
    slice({{ spark__list_or_empty(list) }}, 1, 18), array({{ first }}, {{ second }})),
    x -> x is not null)){%- endmacro %}

{% macro spark__first_texts(expression, number, separator) -%}case when count({{ expression }}) > 0
    then array_join(slice(sort_array(collect_set({{ expression }})), 1, {{ number }}), '{{ separator }}')
    end{%- endmacro %}
