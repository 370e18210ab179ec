-- Grain: (review_month, person, offering, day) for the days of the review month: use, collections held credited.
select u.review_month, u.person_key, u.offering_key, u.day
from {{ ref('int_use_day') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
where u.day >= m.month_start and u.day <= m.as_of
