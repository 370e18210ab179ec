-- LRT-09: how late telemetry arrives, for each source with a late row. Grain: source of the window; scope = source.
-- Nearest rank percentiles.
with arrival as (
    select review_month, coalesce(nullif(source, ''), '(none)') as source, late_by, lag_rows, src
    from {{ ref('int_lrt_lag') }}
    where late_by is not null
),
ranked as (
    select g.*, {{ param_decimal('LRT-09', 'hours', 'g') }} * 3600000000 as allowed,
        sum(lag_rows) over (partition by review_month, source order by late_by rows unbounded preceding) as up_to,
        sum(lag_rows) over (partition by review_month, source) as all_rows
    from arrival as g
),
summed as (
    -- Nearest rank: the smallest lag that at least the share of all rows do not exceed.
    select review_month, source, max(allowed) as allowed, max(all_rows) as all_rows,
        min(case when up_to * 100 >= 50 * all_rows then late_by end) as p50,
        min(case when up_to * 100 >= 95 * all_rows then late_by end) as p95,
        sum(case when late_by > allowed then lag_rows else 0 end) as late_rows,
        {{ evidence('case when late_by > allowed then src end') }} as evidence
    from ranked
    group by review_month, source
),
found as (
    select
        s.review_month, s.source as scope,
        cast(s.p95 as double) / 3600000000 as observed, cast(s.allowed as double) / 3600000000 as threshold,
        s.late_rows as excess, 'info' as severity, 'review' as recommended_action,
        s.evidence, s.late_rows as evidence_count,
        s.late_rows || ' of ' || s.all_rows || ' rows arrived late; half within '
            || {{ plain_number('cast(s.p50 as double) / 3600000000') }} || ' hours, 95 % within '
            || {{ plain_number('cast(s.p95 as double) / 3600000000') }} || ' hours.' as detail
    from summed as s
    where s.late_rows > 0
)
select {{ finding('LRT-09', ['scope', 'excess', 'evidence_count']) }}
from found
