{# Pre-hook of published models: empty the run's months, whatever the new rows are, so that an emptied month becomes
   empty.
   A failing model rolls the delete back (the hook is inside the transaction). #}
{% macro replace_months() -%}
    {% if is_incremental() %}
    delete from {{ this }} where review_month in (select m.review_month from raw.run_month as m)
    {% endif %}
{%- endmacro %}
