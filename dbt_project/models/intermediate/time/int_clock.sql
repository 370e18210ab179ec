-- Grain: review month: how far use can be seen. max_day_seen is not bounded by as_of; cutoff = least(as_of,
-- max_day_seen - settle_days).
-- Only drops up to the month move max_day_seen, whatever the horizon; the first days count over the drops used.
with first_day as (
    select review_month, min(day) as d0, min(case when input = 'token_usage' then day end) as token_d0
    from {{ ref('int_use_row') }}
    group by review_month
),
-- The day is part of the key of all inputs but telemetry: precedence takes no day away.
lrt_seen as (
    select l.review_month, m.as_of, l.event_id, l.file_rank, cast(l.event_at as date) as day
    from {{ ref('stg_portal__lrt') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month and l.drop_month <= m.drop_month
),
-- An event told again with another date counts on the day of the file that wins. Looking at those of the last two
-- months is enough: older ones cannot be the latest.
lrt_recent as (
    select review_month, as_of, event_id, max(file_rank * 100000 + greatest(0,
        {{ days_between('day', "date '1970-01-01'") }})) % 100000 as day_number
    from lrt_seen
    where event_id is not null and day > {{ add_days('as_of', -62) }}
    group by review_month, as_of, event_id
),
lrt_day as (
    select review_month, max(day) as day from lrt_seen where event_id is null group by review_month
    union all
    select review_month, max({{ add_days("date '1970-01-01'", 'day_number') }}) from lrt_recent group by review_month
    union all
    select review_month, max(day) from lrt_seen where event_id is not null and day <= {{ add_days('as_of', -62) }}
        group by review_month
),
seen as (
    select d.review_month, max(d.day) as max_day
    from (
        {% for input in ['usage', 'seat_usage', 'token_usage'] %}
        select u.review_month, max(u.day_used) as day
        from {{ ref('stg_portal__' ~ input) }} as u
        inner join {{ ref('int_month') }} as m on m.review_month = u.review_month and u.drop_month <= m.drop_month
        group by u.review_month
        union all
        {% endfor %}
        select review_month, day from lrt_day
    ) as d
    group by d.review_month
),
accessed as (
    select m.review_month, max(r.last_accessed) as max_day
    from {{ source('raw', 'usage_report') }} as r
    inner join {{ ref('int_month') }} as m on r._drop <= m.drop_month
    group by m.review_month
),
given as (
    select review_month, bool_or(in_drop) as any_use_input
    from {{ ref('int_input_present') }}
    where input in ('usage_report', 'usage', 'seat_usage', 'token_usage', 'lrt')
    group by review_month
),
joined as (
    select
        m.review_month,
        m.as_of,
        case when s.max_day is null then a.max_day when a.max_day is null then s.max_day
            else greatest(s.max_day, a.max_day) end as max_day_seen,
        f.d0,
        f.token_d0,
        g.any_use_input
    from {{ ref('int_month') }} as m
    left join seen as s on s.review_month = m.review_month
    left join first_day as f on f.review_month = m.review_month
    left join accessed as a on a.review_month = m.review_month
    left join given as g on g.review_month = m.review_month
),
observed as (
    select
        j.*,
        least(j.as_of, {{ add_days('j.max_day_seen', "-cast(" ~ param('foundations', 'settle_days', 'j')
            ~ " as integer)") }}) as cutoff,
        coalesce(j.max_day_seen < {{ add_days('j.as_of', "-cast(" ~ param('foundations', 'stale_days', 'j')
            ~ " as integer)") }}, true) or not j.any_use_input as is_stale,
        least(365, {{ days_between('j.as_of', 'j.d0') }} + 1) as days_observed,
        least(365, {{ days_between('j.as_of', 'j.token_d0') }} + 1) as token_days_observed
    from joined as j
)
select
    review_month,
    max_day_seen,
    case when max_day_seen is not null then cutoff end as cutoff,
    is_stale,
    d0,
    case when d0 is not null then days_observed end as days_observed,
    case when d0 is not null then cast(round(cast(days_observed as decimal(18,4)) * 10 / 304, 1) as double)
        end as months_observed,
    token_d0,
    case when token_d0 is not null then token_days_observed end as token_days_observed,
    case when token_d0 is not null then cast(round(cast(token_days_observed as decimal(18,4)) * 10 / 304, 1) as double)
        end as token_months_observed
from observed
