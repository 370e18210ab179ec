-- CON-03: telemetry of a registered contractor who holds neither the offering nor a collection with it. Whose right is
-- not known is left out (int_excluded_subject).
-- Grain: (offering, person).
with found as (
    select
        l.review_month, l.offering_key, l.person_key,
        count(distinct l.day) as observed, 0 as threshold, 'critical' as severity,
        'review' as recommended_action,
        {{ evidence_and_count('l.src') }},
        'Used on ' || {{ counted('count(distinct l.day)', 'day') }} || ' from ' || min(l.day) || ' to ' || max(l.day)
            || ' without a seat.' as detail
    from {{ ref('int_lrt_event') }} as l
    inner join {{ ref('int_contractor') }} using (review_month, person_key)
    where not l.is_excluded and {{ concluded_of('CON-03', 'l') }}
        and not exists (
            select 1 from {{ ref('int_holding') }} as h
            where h.review_month = l.review_month and h.person_key = l.person_key and h.offering_key = l.offering_key)
        and not exists (
            select 1 from {{ ref('int_right_not_known') }} as n
            where n.review_month = l.review_month and n.person_key = l.person_key and n.offering_key = l.offering_key)
    group by l.review_month, l.offering_key, l.person_key
)
select {{ finding('CON-03', ['offering_key', 'person_key', 'evidence_count']) }}
from found
