-- Grain: (rule, key): what every rule view finds, whether or not the rule could run (int_finding asks that). Written
-- rule by rule: one statement over all views holds the groups of each at once, more than a small memory limit allows.
{{ config(materialized='table_by_parts') }}
{% for model in rule_models() %}
select * from {{ ref(model) }}
{% if not loop.last %}union all -- next part{% endif %}
{% endfor %}
