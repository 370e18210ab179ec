{# No two rows share the key, and no column of it is null but those of `optional`; shows the key and how often it is
   there. Tests of this kind and their like run in `dbt test` and `dbt build`, and not in a review (dbt_project.yml). #}
{% test grain(model, key, optional=[]) %}
select {{ key | join(', ') }}, count(*) as times
from {{ model }}
group by {{ key | join(', ') }}
having
    count(*) > 1
    {%- for column in key if column not in optional %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
