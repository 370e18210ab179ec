{# Pre-hook of published models: empty the run's months, whatever the new rows are, so that an emptied month becomes
   empty. #}
{% macro replace_months() -%}
    {% if is_incremental() %}{{ return(adapter.dispatch('replace_months', 'selfaudit')()) }}{% endif %}
{%- endmacro %}

{# A failing model rolls the delete back (the hook is inside the transaction). #}
{% macro duckdb__replace_months() -%}
    delete from {{ this }} where review_month in (select m.review_month from raw.run_month as m)
{%- endmacro %}

{# A month is a partition, and so nothing but files. There is no transaction: a month whose model fails is empty until
   the model succeeds. #}
{% macro spark__replace_months() -%}
    {%- set months = run_query('select review_month from raw.run_month').columns[0].values() -%}
    alter table {{ this }} drop if exists
    {%- for month in months %} partition (review_month = '{{ month }}'){{ ',' if not loop.last }}{% endfor %}
{%- endmacro %}
