{# Lists and texts made of groups: what differs between engines. #}

{# Sorted distinct list of numbers, at most 20: the evidence of a finding. #}
{% macro evidence(src) -%}{{ return(adapter.dispatch('evidence', 'selfaudit')(src)) }}{%- endmacro %}
{% macro default__evidence(src) -%}min(distinct {{ src }}, 20){%- endmacro %}
{% macro spark__evidence(src) -%}slice(sort_array(collect_set({{ src }})), 1, 20){%- endmacro %}

{# A list of one. #}
{% macro evidence_of(src) -%}{{ return(adapter.dispatch('evidence_of', 'selfaudit')(src)) }}{%- endmacro %}
{% macro default__evidence_of(src) -%}[{{ src }}]{%- endmacro %}
{% macro spark__evidence_of(src) -%}array({{ src }}){%- endmacro %}

{% macro no_evidence() -%}{{ return(adapter.dispatch('no_evidence', 'selfaudit')()) }}{%- endmacro %}
{% macro default__no_evidence() -%}cast([] as bigint[]){%- endmacro %}
{% macro spark__no_evidence() -%}cast(array() as array<bigint>){%- endmacro %}

{# Distinct texts of a group, sorted, joined by a separator. #}
{% macro distinct_text(expression, separator=';') -%}{{ return(adapter.dispatch('distinct_text',
    'selfaudit')(expression, separator)) }}{%- endmacro %}
{% macro default__distinct_text(expression, separator) -%}array_to_string(list_sort(list(distinct {{ expression }})
    filter (where {{ expression }} is not null)), '{{ separator }}'){%- endmacro %}
{% macro spark__distinct_text(expression, separator) -%}array_join(sort_array(collect_set({{ expression }})),
    '{{ separator }}'){%- endmacro %}

{# One row per part of a text list; used in the select list. Empty parts must be filtered by the caller. #}
{% macro split_rows(expression, separator=';') -%}{{ return(adapter.dispatch('split_rows', 'selfaudit')(expression,
    separator)) }}{%- endmacro %}
{% macro default__split_rows(expression, separator) -%}unnest(string_split({{ expression }},
    '{{ separator }}')){%- endmacro %}
{% macro spark__split_rows(expression, separator) -%}explode(split({{ expression }}, '{{ separator }}')){%- endmacro %}

{# Two lists of evidence as one: sorted, distinct, at most 20, of which up to ten are of the first. #}
{% macro joined_evidence(first, second) -%}{{ return(adapter.dispatch('joined_evidence', 'selfaudit')(first,
    second)) }}{%- endmacro %}
{% macro default__joined_evidence(first, second) -%}list_sort(list_distinct(list_concat(list_slice({{ first }}, 1, 10),
    list_slice({{ second }}, 1, 20 - least(len({{ first }}), 10))))){%- endmacro %}
{% macro spark__joined_evidence(first, second) -%}sort_array(array_union(slice({{ first }}, 1, 10),
    slice({{ second }}, 1, 20 - least(size({{ first }}), 10)))){%- endmacro %}

{# Evidence and one or two rows more (null: none), which are always among the at most 20: sorted, distinct. #}
{% macro evidence_with(list, first, second='null') -%}{{ return(adapter.dispatch('evidence_with', 'selfaudit')(list,
    first, second)) }}{%- endmacro %}
{% macro default__evidence_with(list, first, second) -%}list_sort(list_distinct(list_concat(list_slice({{ list }}, 1,
    18), cast([{{ first }}, {{ second }}] as bigint[])))){%- endmacro %}
{% macro spark__evidence_with(list, first, second) -%}sort_array(filter(array_union(slice({{ list }}, 1, 18),
    array({{ first }}, {{ second }})), x -> x is not null)){%- endmacro %}

{# The first few distinct texts of a group in order, as one text. #}
{% macro first_texts(expression, number, separator=', ') -%}{{ return(adapter.dispatch('first_texts',
    'selfaudit')(expression, number, separator)) }}{%- endmacro %}
{% macro default__first_texts(expression, number, separator) -%}array_to_string(min(distinct {{ expression }},
    {{ number }}), '{{ separator }}'){%- endmacro %}
{% macro spark__first_texts(expression, number,
    separator) -%}array_join(slice(sort_array(collect_set({{ expression }})), 1, {{ number }}),
    '{{ separator }}'){%- endmacro %}
