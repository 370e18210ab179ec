-- Grain: one row per month of the run (review_month is its key). window_start is exclusive: the window is (as_of - 365,
-- as_of]. drop_month is the month itself:
-- the key of a month asked again with other facts (variant: an earlier version, or other reference rows) is the month,
-- '~' and the variant. Event rows count up to the drop named by horizon.
select
    m.review_month,
    m.drop_month,
    m.horizon,
    {{ month_start('m.as_of') }} as month_start,
    m.as_of,
    {{ add_days('m.as_of', -365) }} as window_start,
    {{ month_text(add_months(month_start('m.as_of'), -1)) }} as prev_month,
    {{ month_text(add_months(month_start('m.as_of'), -3)) }} as month_minus_3,
    exists(select 1 from {{ source('raw', 'file_register') }} as f
        where f.drop = m.drop_month and f.verdict <> 'ignored') as has_drop
from {{ source('raw', 'run_month') }} as m
