-- LRT-05: two sessions of a person on different devices overlap. Grain: person; observed = pairs. Rows without device
-- or duration are left out. A pair is met once: the later session starts on a day that the earlier one touches. A
-- duration that is absurdly long costs no more than the window.
with session as (
    -- Of persons whom several addresses or hashes name, every session is looked at.
    select l.review_month, l.person_key, l.device, l.event_at, l.src, l.day,
        l.event_at + {{ minutes('l.duration_minutes') }} as ends_at, m.as_of
    from {{ ref('int_lrt_event') }} as l
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_device_candidate') }} as c on c.review_month = l.review_month
        and c.person_key = l.person_key and c.is_named_twice
    where l.device is not null and l.duration_minutes is not null
        and l.duration_minutes > {{ param('LRT-05', 'minutes', 'l') }}
),
touched as (
    select review_month, person_key, device, event_at, ends_at, src,
        {{ days_from_to('day', 'least(cast(ends_at as date), as_of)') }} as touched_day
    from session
),
pair as (
    select a.review_month, a.person_key, a.src as first_src, b.src as second_src, b.day as second_day
    from touched as a
    inner join session as b
        on b.review_month = a.review_month and b.person_key = a.person_key and b.day = a.touched_day
        and (b.event_at > a.event_at or (b.event_at = a.event_at and b.src > a.src))
    where b.device <> a.device
        and least(a.ends_at, b.ends_at) > b.event_at + {{ minutes(param('LRT-05', 'minutes', 'a')) }}
    union all
    select t.review_month, t.person_key, t.first_src, t.second_src, t.second_period
    from {{ ref('int_session_pair') }} as t
    left join {{ ref('int_device_candidate') }} as c on c.review_month = t.review_month
        and c.person_key = t.person_key and c.is_named_twice
    where c.person_key is null and t.least_minutes > {{ param('LRT-05', 'minutes', 't') }}
        and t.overlap > {{ param('LRT-05', 'minutes', 't') }} * 60000000
),
found as (
    select
        p.review_month, p.person_key,
        sum(p.pairs) as observed, 0 as threshold, 'critical' as severity,
        'review' as recommended_action,
        {{ evidence('p.src') }} as evidence, count(distinct p.src) as evidence_count,
        {{ counted('sum(p.pairs)', 'pair of sessions', 'pairs of sessions') }}
            || ' at the same time on different devices, last in ' || {{ month_text('max(p.second_day)') }}
            || '.' as detail
    from (
        select review_month, person_key, first_src as src, 1 as pairs, second_day from pair
        union all
        select review_month, person_key, second_src as src, 0 as pairs, second_day from pair
    ) as p
    group by p.review_month, p.person_key
)
select {{ finding('LRT-05', ['person_key', 'evidence_count']) }}
from found
