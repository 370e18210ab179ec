-- Grain: (review_month, pool, offering, feature, person, day): tokens of the review month.
select
    u.review_month, u.team_alias, u.offering_key, coalesce(u.feature, '') as feature,
        coalesce(u.person_key, '') as person_key, u.day,
    cast(sum(u.tokens) as {{ total_type() }}) as tokens, count(*) as usage_rows
from {{ ref('int_token_row') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
where u.day >= m.month_start and u.day <= m.as_of
group by u.review_month, u.team_alias, u.offering_key, coalesce(u.feature, ''), coalesce(u.person_key, ''), u.day
