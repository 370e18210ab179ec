-- Grain: (review_month, day): the days of the review month, in the calendar and in the organisation's fiscal year.
with fiscal as (
    {{ fiscal_start() }}
),
days as (
    select m.review_month, m.as_of, {{ days_from_to('m.month_start', 'm.as_of') }} as day
    from {{ ref('int_month') }} as m
),
dated as (
    select d.review_month, d.as_of, d.day, f.start_month
    from days as d
    inner join fiscal as f using (review_month)
)
select
    d.review_month, d.day,
    cast(extract(year from d.day) * 10000 + extract(month from d.day) * 100 + extract(day from d.day) as bigint)
        as date_key,
    {{ iso_weekday('d.day') }} as iso_weekday, {{ iso_weekday('d.day') }} <= 5 as is_weekday,
    split_part('Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday', ',',
        cast({{ iso_weekday('d.day') }} as integer)) as weekday_name,
    cast(extract(week from d.day) as bigint) as iso_week,
    cast(extract(day from d.day) as bigint) as day_of_month, d.day = d.as_of as is_month_end,
    {{ calendar_attributes('d.day', 'd.start_month') }}
from dated as d
