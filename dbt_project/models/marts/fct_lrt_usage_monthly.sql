-- Grain: (review_month, offering, version): telemetry of the review month.
select l.review_month, {{ month_begin('l.review_month') }} as month_start,
    l.offering_key, coalesce(l.version, '') as version, count(distinct l.person_key) as persons,
    count(distinct l.device) as devices, count(*) as events
from {{ ref('int_lrt_event') }} as l
inner join {{ ref('int_month') }} as m using (review_month)
-- Marts have no versions, so nothing is asked of a variant.
where l.day >= m.month_start and l.day <= m.as_of and not {{ is_variant('l.review_month') }}
group by l.review_month, l.offering_key, coalesce(l.version, '')
