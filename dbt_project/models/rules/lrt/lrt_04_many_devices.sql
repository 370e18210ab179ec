-- LRT-04: more than the allowed devices of a person for an offering before the cutoff. Grain: (offering, person). An offering not held itself counts
-- under the collection it is held through, the first by key.
with through as (
    select review_month, person_key, offering_key,
        case when bool_or(held_through = offering_key) then offering_key else min(held_through) end as counted_under
    from {{ ref('int_held') }}
    group by review_month, person_key, offering_key
),
named as (
    select l.review_month, l.person_key, coalesce(t.counted_under, l.offering_key) as offering_key, l.device, l.day, l.src
    from {{ ref('int_lrt_event') }} as l
    left join through as t on t.review_month = l.review_month and t.person_key = l.person_key and t.offering_key = l.offering_key
    where l.device is not null
),
device as (
    select n.*
    from named as n
    inner join {{ ref('int_clock') }} as c on c.review_month = n.review_month
    where n.day <= c.cutoff and {{ days_between('c.cutoff', 'n.day') }} < {{ param_for('LRT-04', 'days', 'n', 'n.offering_key') }}
)
select
    {{ finding(
        'LRT-04', observed='count(distinct d.device)', threshold=param_for('LRT-04', 'devices', 'd', 'd.offering_key'), review_month='d.review_month',
        offering='d.offering_key', person='d.person_key', severity="'high'", recommended_action="'review'",
        evidence=evidence('d.src'), evidence_count='count(*)',
        detail="'Used on ' || count(distinct d.device) || ' devices in the days before the cutoff.'"
    ) }}
from device as d
group by d.review_month, d.offering_key, d.person_key
having count(distinct d.device) > {{ param_for('LRT-04', 'devices', 'd', 'd.offering_key') }}
