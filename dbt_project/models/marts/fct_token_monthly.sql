-- Grain: (review_month, team, offering): tokens charged in the review month.
select u.review_month, {{ month_begin('u.review_month') }} as month_start,
    u.team_alias, u.offering_key, cast(sum(u.tokens) as {{ total_type() }}) as tokens,
    count(distinct u.person_key) as persons
from {{ ref('int_token_row') }} as u
inner join {{ ref('int_month') }} as m using (review_month)
where u.day >= m.month_start and u.day <= m.as_of
group by u.review_month, u.team_alias, u.offering_key
