-- Grain: (server, feature, user, host) that holds something at the moment of the status, by the status or by the log:
-- licences listed, and licences out by the log at the end of that minute (a status has no seconds). Without a log that
-- reaches from before the moment to after it, log_open is null: not known.
with placed as (
    -- A user's line belongs to the last feature above it in its file.
    select s.*, max(case when s.kind = 'feature' then s.line_number end) over (
        partition by s.review_month, s.file_no order by s.line_number rows unbounded preceding) as feature_line
    from {{ ref('stg_outside__nlm_status') }} as s
),
listed as (
    select t.review_month, t.server, t.feature, {{ lower_case("coalesce(p.user_name, '')") }} as user_key,
        {{ lower_case("coalesce(p.host, '')") }} as host_key,
        min(p.user_name) as user_name, min(p.host) as host, min(p.started_at) as started_at,
        {{ count_sum('coalesce(p.licences, 0)') }} as licences,
        {{ count_sum('case when coalesce(p.is_borrowed, false) then coalesce(p.licences, 0) else 0 end') }} as borrowed,
        count(*) filter (where coalesce(p.is_queued, false)) as queued,
        {{ count_sum("case when " ~ seconds_between('t.status_at', 'p.started_at')
            ~ " > 86400 then coalesce(p.licences, 0) else 0 end") }} as over_a_day,
        {{ evidence('p.src') }} as evidence
    from placed as p
    inner join {{ ref('int_nlm_status') }} as t on t.review_month = p.review_month and t.file_no = p.file_no
        and t.feature_line = p.feature_line
    where p.kind = 'user'
    group by t.review_month, t.server, t.feature, {{ lower_case("coalesce(p.user_name, '')") }},
        {{ lower_case("coalesce(p.host, '')") }}
),
event as (
    select e.review_month, e.daemon_no, d.server, e.event_at, e.place, e.is_end
    from {{ ref('int_nlm_event') }} as e
    inner join (
        select distinct review_month, daemon_no, {{ short_server('server_key') }} as server
            from {{ ref('int_nlm_handle') }}
    ) as d on d.review_month = e.review_month and d.daemon_no = e.daemon_no
),
reach as (
    select review_month, server, min(event_at) as first_at, max(event_at) as last_at
        from event group by review_month, server
),
covered as (
    -- A log that names no server speaks for the only one there is.
    select t.review_month, t.server, t.feature, t.status_at, {{ minute_after('t.status_at') }} as until_at,
        r.server as log_server
    from {{ ref('int_nlm_status') }} as t
    inner join reach as r on r.review_month = t.review_month and r.server in (t.server, '')
        and r.first_at <= t.status_at and t.status_at <= r.last_at
),
last_line as (
    select c.review_month, c.server, c.feature, c.until_at, h.user_key, h.host_key, l.handle, l.daemon_no, l.place,
        l.level
    from covered as c
    inner join {{ ref('int_nlm_handle') }} as h
        on h.review_month = c.review_month and h.feature = c.feature
            and {{ short_server('h.server_key') }} = c.log_server
    inner join {{ ref('int_nlm_level') }} as l on l.review_month = h.review_month and l.handle = h.handle
        and l.sequence_at < c.until_at
    qualify row_number() over (partition by c.review_month, c.server, c.feature, l.handle order by l.place desc) = 1
),
out_by_log as (
    select o.review_month, o.server, o.feature, o.user_key, o.host_key, {{ count_sum('o.level') }} as licences
    from last_line as o
    where o.level > 0
        and not exists (
            select 1 from event as x
            where x.review_month = o.review_month and x.daemon_no = o.daemon_no and x.is_end = 1 and x.place > o.place
                and x.event_at < o.until_at)
    group by o.review_month, o.server, o.feature, o.user_key, o.host_key
),
holder as (
    select review_month, server, feature, user_key, host_key from listed
    union
    select review_month, server, feature, user_key, host_key from out_by_log
)
select
    w.review_month, w.server, w.feature, w.user_key, w.host_key, coalesce(l.user_name, w.user_key) as user_name,
        coalesce(l.host, w.host_key) as host,
    l.started_at, coalesce(l.licences, 0) as listed, coalesce(l.borrowed, 0) as borrowed,
        coalesce(l.queued, 0) as queued, coalesce(l.over_a_day, 0) as over_a_day,
    case when c.until_at is not null then coalesce(o.licences, 0) end as log_open,
    l.user_key is not null as is_listed,
    coalesce(l.evidence, {{ no_evidence() }}) as evidence
from holder as w
left join listed as l
    on l.review_month = w.review_month and l.server = w.server and l.feature = w.feature and l.user_key = w.user_key
        and l.host_key = w.host_key
left join out_by_log as o
    on o.review_month = w.review_month and o.server = w.server and o.feature = w.feature and o.user_key = w.user_key
        and o.host_key = w.host_key
left join (select distinct review_month, server, feature, until_at from covered) as c
    on c.review_month = w.review_month and c.server = w.server and c.feature = w.feature
