-- Grain: review month: how far use can be seen. max_day_seen is not bounded by as_of; cutoff = least(as_of,
-- max_day_seen - settle_days).
-- Only drops up to the month move max_day_seen, whatever the horizon; the first days count over the drops used.
with first_day as (
    select review_month, min({{ first_day('period', 'days') }}) as d0,
        min(case when input = 'token_usage' then {{ first_day('period', 'days') }} end) as token_d0
    from {{ ref('int_use_cell') }}
    group by review_month
),
-- The day is part of the key of all rows but those with an event_id: precedence takes no day away. An event told again
-- with another date counts on the day of the file that wins among the drops up to the month.
seen as (
    select m.review_month, max({{ last_day('c.period', 'c.days') }}) as max_day
    from {{ ref('int_month') }} as m
    inner join {{ source('raw', 'use_cell') }} as c on c._drop <= m.drop_month
        and (not c.is_by_id or c._until is null or c._until > m.drop_month)
    group by m.review_month
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
    case when d0 is not null then cast(round(cast(days_observed as decimal(18, 4)) * 10 / 304, 1) as double)
        end as months_observed,
    token_d0,
    case when token_d0 is not null then token_days_observed end as token_days_observed,
    case when token_d0 is not null then cast(round(cast(token_days_observed as decimal(18, 4)) * 10 / 304, 1) as double)
        end as token_months_observed
from observed
