-- Grain: line of the logs, each counted once over overlapping files: of identical lines (second, operation, feature, user, host) as many as the file
-- has that has most. A start or exit stands here once per daemon that it checks in: of lmgrd that is every daemon of its server.
-- place: the order of all lines; epoch: starts and exits of the line's daemon up to it.
with numbered as (
    select l.*,
        row_number() over (
            partition by
                l.review_month, l.file_no, l.event_at, l.operation, l.feature, l.user_key, l.host_key,
                case when l.operation in ('START', 'EXIT') then l.server_key || '|' || l.daemon end
            order by l.line_number) as nth
    from {{ ref('int_nlm_line') }} as l
),
once as (
    select n.*
    from numbered as n
    qualify row_number() over (
        partition by
            n.review_month, n.event_at, n.operation, n.feature, n.user_key, n.host_key,
            case when n.operation in ('START', 'EXIT') then n.server_key || '|' || n.daemon end, n.nth
        order by case when n.server_key = '' then 1 else 0 end, n.file_no, n.line_number) = 1
),
daemons as (
    select distinct review_month, server_key, daemon, daemon_no from {{ ref('int_nlm_handle') }}
),
mixed as (
    select
        o.review_month, o.operation, o.event_at, o.sequence_at, o.licences, h.handle, h.feature_no, h.daemon_no, 0 as is_end,
        o.file_no, o.line_number, o.src
    from once as o
    inner join {{ ref('int_nlm_handle') }} as h
        on h.review_month = o.review_month and h.server_key = o.server_key and h.daemon = o.daemon and h.feature = o.feature
        and h.user_key = o.user_key and h.host_key = o.host_key
    where o.operation in ('OUT', 'IN', 'DENIED')
    union all
    select
        o.review_month, o.operation, o.event_at, o.sequence_at, 0 as licences, cast(null as bigint) as handle, cast(null as bigint) as feature_no,
        d.daemon_no, 1 as is_end, o.file_no, o.line_number, o.src
    from once as o
    inner join daemons as d on d.review_month = o.review_month and d.server_key = o.server_key and (d.daemon = o.daemon or o.daemon = 'lmgrd')
    where o.operation in ('START', 'EXIT')
),
placed as (
    select x.*, row_number() over (partition by review_month order by sequence_at, file_no, line_number, daemon_no) as place
    from mixed as x
)
select
    p.*,
    sum(is_end) over (partition by review_month, daemon_no order by place rows between unbounded preceding and current row) as epoch
from placed as p
