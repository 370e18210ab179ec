{# Evidence, and the number of rows that it stands for: of those it names at most 20 (engine/lists.sql). #}

{# Two columns of a group: evidence and evidence_count, of the rows where a condition holds. #}
{% macro evidence_and_count(src, condition=none) -%}
{%- if condition is none -%}
{{ evidence(src) }} as evidence, count(*) as evidence_count
{%- else -%}
{{ evidence('case when ' ~ condition ~ ' then ' ~ src ~ ' end') }} as evidence,
    sum(case when {{ condition }} then 1 else 0 end) as evidence_count
{%- endif -%}
{%- endmacro %}

{# The same two columns of evidence of so many rows, and of one or two rows more (null: none). #}
{% macro evidence_and_count_with(list, number, first, second='null') -%}
{{ evidence_with(list, first, second) }} as evidence,
    {{ number }} + case when {{ first }} is not null then 1 else 0 end
    + case when {{ second }} is not null then 1 else 0 end as evidence_count
{%- endmacro %}
