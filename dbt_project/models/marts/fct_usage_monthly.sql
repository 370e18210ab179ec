-- Grain: (review_month, offering): persons and person-days of use in the review month.
select u.review_month, u.offering_key, count(distinct u.person_key) as persons, count(*) as person_days
from {{ ref('int_use_day') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
where u.day >= m.month_start and u.day <= m.as_of
group by u.review_month, u.offering_key
