-- Grain: feature that was denied in M: lines, attempts (one user on one host in one second), and attempts that were
-- lost: nothing that was denied in them was given within `grant_seconds` (otherwise the server fell back to another
-- licence, which is no loss).
with denied as (
    select e.review_month, e.handle, e.event_at, e.sequence_at, e.place, e.src, h.feature, h.server_key, h.daemon,
        h.user_key, h.host_key,
        {{ param('ENT-10', 'grant_seconds', 'e') }} as grant_seconds
    from {{ ref('int_nlm_event') }} as e
    inner join {{ ref('int_nlm_handle') }} as h using (review_month, handle)
    inner join {{ ref('int_month') }} as m using (review_month)
    where e.operation = 'DENIED' and e.event_at >= m.month_start and e.event_at < {{ add_days('m.as_of', 1) }}
),
given as (
    select distinct d.review_month, d.server_key, d.daemon, d.event_at, d.user_key, d.host_key
    from denied as d
    inner join {{ ref('int_nlm_event') }} as o on o.review_month = d.review_month and o.handle = d.handle
        and o.operation = 'OUT'
    where o.place > d.place and {{ seconds_between('o.sequence_at', 'd.sequence_at') }} <= d.grant_seconds
)
select
    d.review_month, d.feature,
    count(*) as denials,
    count(distinct d.event_at || '|' || d.user_key || '|' || d.host_key) as attempts,
    count(distinct case when g.event_at is null then d.event_at || '|' || d.user_key || '|' || d.host_key end) as lost,
    {{ evidence('d.src') }} as evidence
from denied as d
left join given as g
    on g.review_month = d.review_month and g.server_key = d.server_key and g.daemon = d.daemon
        and g.event_at = d.event_at
    and g.user_key = d.user_key and g.host_key = d.host_key
group by d.review_month, d.feature
