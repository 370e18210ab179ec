-- Grain: (pool, cost centre): tokens used in the review month, in ten-thousandths.
select
    u.review_month, u.team_alias, coalesce(p.cost_centre, '(none)') as cost_centre,
        cast(sum(u.tokens) * 10000 as {{ whole_type() }}) as parts
from {{ ref('int_token_row') }} as u
inner join {{ ref('int_month') }} as m using (review_month)
left join {{ ref('int_person') }} as p using (review_month, person_key)
where u.day >= m.month_start and u.day <= m.as_of and u.tokens > 0
group by u.review_month, u.team_alias, coalesce(p.cost_centre, '(none)')
