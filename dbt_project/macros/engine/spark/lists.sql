{# Lists and texts made of groups on Spark; `../lists.sql` says what each macro means. #}

{% macro spark__evidence(src) -%}case when count({{ src }}) > 0
    then slice(sort_array(collect_set({{ src }})), 1, 20) end{%- endmacro %}

{% macro spark__evidence_of(src) -%}array({{ src }}){%- endmacro %}

{% macro spark__no_evidence() -%}cast(array() as array<bigint>){%- endmacro %}

{% macro spark__distinct_text(expression, separator) -%}array_join(sort_array(collect_set({{ expression }})),
    '{{ separator }}'){%- endmacro %}

{% macro spark__split_rows(expression, separator, trimmed) -%}explode({{ 'transform(' if trimmed
    }}split({{ expression }}, '{{ separator }}'){{ ', part -> trim(part))' if trimmed }}){%- endmacro %}

{% macro spark__list_rows(list) -%}explode({{ list }}){%- endmacro %}

{% macro spark__list_size(list) -%}size({{ list }}){%- endmacro %}

{% macro spark__joined_evidence(first, second) -%}sort_array(array_union(slice({{ first }}, 1, 10),
    slice({{ second }}, 1, 20 - least(size({{ first }}), 10)))){%- endmacro %}

{% macro spark__evidence_with(list, first, second) -%}sort_array(filter(array_union(slice({{ list }}, 1, 18),
    array({{ first }}, {{ second }})), x -> x is not null)){%- endmacro %}

{% macro spark__first_texts(expression, number, separator) -%}case when count({{ expression }}) > 0
    then array_join(slice(sort_array(collect_set({{ expression }})), 1, {{ number }}), '{{ separator }}')
    end{%- endmacro %}
