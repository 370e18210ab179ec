{# Per group the sum of `column` is that of `other_column` in `other`; shows the groups that differ. group: list of
   columns that both have. #}
{% test sums_to(model, column, other, other_column, group) %}
select {{ group | join(', ') }}, sum(mine) as mine, sum(theirs) as theirs
from (
    select {{ group | join(', ') }}, {{ column }} as mine, 0 as theirs from {{ model }}
        where review_month in (select review_month from {{ ref('int_month') }})
    union all
    select {{ group | join(', ') }}, 0, {{ other_column }} from {{ other }}
) as both_
group by {{ group | join(', ') }}
having sum(mine) <> sum(theirs)
{% endtest %}
