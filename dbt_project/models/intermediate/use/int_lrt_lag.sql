-- Grain: (source, how late a row arrived) of telemetry in the window: number of rows, the first of them. source is ''
-- where none is named; late_by is in microseconds, null where a row does not say when it arrived.
with told as (
    select a.review_month, c.source, c.late_by, c.lag_rows, c.src
    from {{ source('raw', 'lag_cell') }} as c
    inner join {{ drops_seen() }} as a on a.drop = c._drop and {{ is_unbeaten('c._until', 'a') }}
    inner join {{ ref('int_month') }} as m on m.review_month = a.review_month
    where c.period > m.window_start and c.period <= m.as_of
    union all
    select l.review_month, coalesce(l.source, '') as source,
        {{ microseconds_between('l.received_at', 'l.event_at') }} as late_by, 1 as lag_rows, l.src
    from {{ ref('stg_portal__lrt') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
        and l.event_at >= {{ add_days('m.window_start', 1) }} and l.event_at < {{ add_days('m.as_of', 1) }}
    left join {{ ref('int_contested_row') }} as x on x.review_month = l.review_month and x.src = l.src and x.is_beaten
    where l.event_id is null and x.src is null
)
select review_month, source, late_by, cast(sum(lag_rows) as bigint) as lag_rows, min(src) as src
from told
group by review_month, source, late_by
