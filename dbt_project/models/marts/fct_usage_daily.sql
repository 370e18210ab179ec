-- Grain: (review_month, person, offering, day) for the days of the review month: use, collections held credited.
with dated as (
    select u.review_month, u.person_key, u.offering_key, u.days,
        {{ days_from_to('m.month_start', 'm.as_of') }} as day
    from {{ ref('int_use_period') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    -- Marts have no versions, so nothing is asked of a variant.
    where u.period >= m.month_start and not {{ is_variant('u.review_month') }}
)
select review_month, {{ month_begin('review_month') }} as month_start,
    person_key, offering_key, day
from dated
where (days & {{ day_bit('day') }}) <> 0
