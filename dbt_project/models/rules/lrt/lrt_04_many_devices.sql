-- LRT-04: more than the allowed devices of a person for an offering before the cutoff. Grain: (offering, person). An
-- offering not held itself counts under the collection it is held through, the first by key. Evidence: one row per
-- device.
with through as (
    select review_month, person_key, offering_key,
        case when bool_or(held_through = offering_key) then offering_key else min(held_through) end as counted_under
    from {{ ref('int_holding') }}
    group by review_month, person_key, offering_key
),
named as (
    select l.review_month, l.person_key, coalesce(t.counted_under, l.offering_key) as offering_key, l.device, l.day,
        l.src
    from {{ ref('int_lrt_event') }} as l
    left join through as t using (review_month, person_key, offering_key)
    where l.device is not null
),
limits as (
    select o.review_month, o.offering_key, c.cutoff,
        {{ param_for('LRT-04', 'days', 'o', 'o.offering_key') }} as days,
        {{ param_for('LRT-04', 'devices', 'o', 'o.offering_key') }} as devices
    from (select distinct review_month, offering_key from named) as o
    inner join {{ ref('int_clock') }} as c using (review_month)
),
device as (
    select n.review_month, n.person_key, n.offering_key, n.device, x.devices as allowed, x.days, min(n.src) as src,
        count(*) as event_rows, max(n.day) as last_day
    from named as n
    inner join limits as x using (review_month, offering_key)
    where n.day <= x.cutoff and {{ days_between('x.cutoff', 'n.day') }} < x.days
    group by n.review_month, n.person_key, n.offering_key, n.device, x.devices, x.days
),
found as (
    select
        d.review_month, d.offering_key, d.person_key,
        count(*) as observed, d.allowed as threshold, 'high' as severity,
        'review' as recommended_action,
        {{ evidence('d.src') }} as evidence, sum(d.event_rows) as evidence_count,
        'Used on ' || {{ counted('count(*)', 'device') }} || ' in the last ' || {{ plain_number('d.days') }}
            || ' days of complete data, last on ' || max(d.last_day) || '.' as detail
    from device as d
    group by d.review_month, d.offering_key, d.person_key, d.allowed, d.days
    having count(*) > d.allowed
)
select {{ finding('LRT-04', ['offering_key', 'person_key', 'evidence_count']) }}
from found
