-- Grain: (person, offering, feature or '', day) with tokens charged (> 0).
select u.review_month, u.person_key, u.offering_key, coalesce(u.feature, '') as feature, u.day, sum(u.tokens) as tokens
from {{ ref('int_token_row') }} as u
where u.person_key is not null and u.tokens > 0
group by u.review_month, u.person_key, u.offering_key, coalesce(u.feature, ''), u.day
