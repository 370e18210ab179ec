-- Grain: (person, offering): the last day of use up to as_of, and on how many days of the window it was used.
with latest as (
    select u.review_month, u.person_key, u.offering_key, max(u.period) as period,
        {{ greatest_by('u.days', 'u.period') }} as days,
        cast(coalesce(sum(case when u.period > m.window_start then {{ day_count('u.days') }} end), 0) as bigint)
            as days_12m
    from {{ ref('int_use_period') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    group by u.review_month, u.person_key, u.offering_key
)
select review_month, person_key, offering_key, {{ last_day('period', 'days') }} as last_use_day, days_12m
from latest
