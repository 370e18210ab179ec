-- Grain: line of the logs, each counted once over overlapping files: of identical lines (second, operation, feature,
-- user, host) as many as the file has that has most. A start or exit stands here once per daemon that it checks in: of
-- lmgrd that is every daemon of its server.
-- place: the order of all lines; epoch: starts and exits of the line's daemon up to it.
with numbered as (
    select
        l.review_month, l.operation, l.event_at, l.sequence_at, l.licences, h.handle, h.line_key, h.feature_no,
            h.daemon_no,
        case when l.server_key = '' then 1 else 0 end as is_nameless, l.file_no, l.line_number, l.src,
        row_number() over (partition by l.review_month, l.file_no, l.event_at, l.operation, h.line_key
            order by l.line_number) as nth
    from {{ ref('int_nlm_line') }} as l
    inner join {{ ref('int_nlm_handle') }} as h using (review_month, server_key, daemon, feature, user_key, host_key)
    where l.operation in ('OUT', 'IN', 'DENIED')
),
once as (
    select n.*
    from numbered as n
    qualify row_number() over (
        partition by n.review_month, n.event_at, n.operation, n.line_key, n.nth order by n.is_nameless, n.file_no,
            n.line_number) = 1
),
daemons as (
    select distinct review_month, server_key, daemon, daemon_no from {{ ref('int_nlm_handle') }}
),
ended as (
    -- Several starts or exits of one daemon in one second are one, in whatever file they stand.
    select l.review_month, l.operation, l.event_at, l.sequence_at, d.daemon_no, l.file_no, l.line_number, l.src
    from {{ ref('int_nlm_line') }} as l
    inner join daemons as d on d.review_month = l.review_month and d.server_key = l.server_key
        and (d.daemon = l.daemon or l.daemon = 'lmgrd')
    where l.operation in ('START', 'EXIT')
    qualify row_number() over (
        partition by l.review_month, l.event_at, l.operation, d.daemon_no, l.daemon order by l.file_no,
            l.line_number) = 1
),
mixed as (
    select review_month, operation, event_at, sequence_at, licences, handle, feature_no, daemon_no, 0 as is_end,
        file_no, line_number, src from once
    union all
    select
        review_month, operation, event_at, sequence_at, 0 as licences, cast(null as bigint) as handle,
            cast(null as bigint) as feature_no,
        daemon_no, 1 as is_end, file_no, line_number, src
    from ended
),
placed as (
    select x.*, row_number() over (partition by review_month order by sequence_at, file_no, line_number,
        daemon_no) as place
    from mixed as x
)
select
    p.*,
    sum(is_end) over (partition by review_month, daemon_no order by place rows unbounded preceding) as epoch
from placed as p
