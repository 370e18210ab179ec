-- Grain: (review_month, offering): persons and person-days of use in the review month.
select u.review_month, {{ month_begin('u.review_month') }} as month_start,
    u.offering_key, count(distinct u.person_key) as persons,
    cast(sum({{ day_count('u.days') }}) as bigint) as person_days
from {{ ref('int_use_period') }} as u
inner join {{ ref('int_month') }} as m using (review_month)
where u.period >= m.month_start
group by u.review_month, u.offering_key
