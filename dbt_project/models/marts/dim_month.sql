-- Grain: review month: its days, and where it stands in the calendar and in the organisation's fiscal year.
with fiscal as (
    {{ fiscal_start() }}
)
select
    m.review_month, m.month_start, m.as_of, m.has_drop,
    {{ calendar_attributes('m.month_start', 'f.start_month') }}
from {{ ref('int_month') }} as m
inner join fiscal as f using (review_month)
