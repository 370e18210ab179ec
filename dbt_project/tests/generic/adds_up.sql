{# Per group of the months of the run the sum of a column is that of several others, to the cent; shows the groups that
   differ. parts, group: lists of columns. #}
{% test adds_up(model, whole, parts, group) %}
select {{ group | join(', ') }}, sum({{ whole }}) as whole, sum({{ parts | join(' + ') }}) as parts
from {{ model }}
where review_month in (select review_month from {{ ref('int_month') }})
group by {{ group | join(', ') }}
having sum({{ whole }}) is distinct from sum({{ parts | join(' + ') }})
{% endtest %}
