-- Grain: (review_month, day): the days of the review month.
select x.review_month, cast(x.day as date) as day, extract(isodow from cast(x.day as date)) as iso_weekday,
    extract(isodow from cast(x.day as date)) <= 5 as is_weekday
from (
    select m.review_month, {{ days_from_to('m.month_start', 'm.as_of') }} as day from {{ ref('int_month') }} as m
) as x
