{# Lists and texts made of groups: what differs between engines. #}

{# Sorted distinct list of numbers, at most 20: the evidence of a finding. #}
{% macro evidence(src) -%}{{ return(adapter.dispatch('evidence', 'selfaudit')(src)) }}{%- endmacro %}

{# A list of one. #}
{% macro evidence_of(src) -%}{{ return(adapter.dispatch('evidence_of', 'selfaudit')(src)) }}{%- endmacro %}

{% macro no_evidence() -%}{{ return(adapter.dispatch('no_evidence', 'selfaudit')()) }}{%- endmacro %}

{# Distinct texts of a group, sorted, joined by a separator. #}
{% macro distinct_text(expression, separator=';') -%}{{ return(adapter.dispatch('distinct_text',
    'selfaudit')(expression, separator)) }}{%- endmacro %}

{# One row per part of a text list; a column of the select list, in no other expression. Empty parts must be filtered
   by the caller. #}
{% macro split_rows(expression, separator=';', trimmed=false) -%}{{ return(adapter.dispatch('split_rows',
    'selfaudit')(expression, separator, trimmed)) }}{%- endmacro %}

{# One row per item of a list; a column of the select list, in no other expression. #}
{% macro list_rows(list) -%}{{ return(adapter.dispatch('list_rows', 'selfaudit')(list)) }}{%- endmacro %}

{# How many items a list has; null for no list. #}
{% macro list_size(list) -%}{{ return(adapter.dispatch('list_size', 'selfaudit')(list)) }}{%- endmacro %}

{# Of a group, the value of the row with the least or greatest key; rows whose value or key is null are passed over.
   Where several rows may have that key (`ties`), the least or greatest of their values. where: which rows count. #}
{% macro least_by(value, key, ties=false, where=none) -%}{{ return(adapter.dispatch('value_by', 'selfaudit')('min_by',
    value, key, ties, where)) }}{%- endmacro %}
{% macro greatest_by(value, key, ties=false, where=none) -%}{{ return(adapter.dispatch('value_by',
    'selfaudit')('max_by', value, key, ties, where)) }}{%- endmacro %}

{# Two lists of evidence as one: sorted, distinct, at most 20, of which up to ten are of the first. #}
{% macro joined_evidence(first, second) -%}{{ return(adapter.dispatch('joined_evidence', 'selfaudit')(first,
    second)) }}{%- endmacro %}

{# Evidence and one or two rows more (null: none), which are always among the at most 20: sorted, distinct. #}
{% macro evidence_with(list, first, second='null') -%}{{ return(adapter.dispatch('evidence_with', 'selfaudit')(list,
    first, second)) }}{%- endmacro %}

{# The first few distinct texts of a group in order, as one text. #}
{% macro first_texts(expression, number, separator=', ') -%}{{ return(adapter.dispatch('first_texts',
    'selfaudit')(expression, number, separator)) }}{%- endmacro %}
