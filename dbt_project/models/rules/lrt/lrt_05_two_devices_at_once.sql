-- LRT-05: two sessions of a person on different devices overlap. Grain: person; observed = pairs. Rows without device
-- or duration are left out.
-- A pair is met once: the later session starts on a day that the earlier one touches. Days are looked at up to as_of,
-- so a duration that is absurdly long costs no more than the window.
with session as (
    select l.review_month, l.person_key, l.device, l.event_at, l.src, l.day,
        l.event_at + {{ minutes('l.duration_minutes') }} as ends_at, m.as_of
    from {{ ref('int_lrt_event') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
    where l.in_window and l.device is not null and l.duration_minutes is not null
        and l.duration_minutes > {{ param('LRT-05', 'minutes', 'l') }}
),
touched as (
    select review_month, person_key, device, event_at, ends_at, src,
        cast({{ days_from_to('day', 'least(cast(ends_at as date), as_of)') }} as date) as touched_day
    from session
),
pair as (
    select a.review_month, a.person_key, a.src as first_src, b.src as second_src
    from touched as a
    inner join session as b
        on b.review_month = a.review_month and b.person_key = a.person_key and b.day = a.touched_day
        and (b.event_at > a.event_at or (b.event_at = a.event_at and b.src > a.src))
    where b.device <> a.device
        and least(a.ends_at, b.ends_at) > b.event_at + {{ minutes(param('LRT-05', 'minutes', 'a')) }}
)
select
    {{ finding(
        'LRT-05', observed='sum(p.pairs)', threshold='0', review_month='p.review_month', person='p.person_key',
        severity="'critical'", recommended_action="'review'", evidence=evidence('p.src'),
            evidence_count='count(distinct p.src)',
        detail=counted("sum(p.pairs)", "pair of sessions", "pairs of sessions")
            ~ " || ' at the same time on different devices.'"
    ) }}
from (
    select review_month, person_key, first_src as src, 1 as pairs from pair
    union all
    select review_month, person_key, second_src as src, 0 as pairs from pair
) as p
group by p.review_month, p.person_key
