-- Grain: one row per review month of the run. window_start is exclusive: the window is (as_of - 365, as_of].
select
    m.review_month,
    {{ month_start('m.as_of') }} as month_start,
    m.as_of,
    {{ add_days('m.as_of', -365) }} as window_start,
    {{ month_text(add_months(month_start('m.as_of'), -1)) }} as prev_month,
    {{ month_text(add_months(month_start('m.as_of'), -3)) }} as month_minus_3,
    exists (select 1 from {{ source('raw', 'file_register') }} as f where f.drop = m.review_month) as has_drop
from {{ source('raw', 'run_month') }} as m
