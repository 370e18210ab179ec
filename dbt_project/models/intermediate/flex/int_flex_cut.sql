-- Grain: (pool with a term, month end of the term before as_of): what v_now would have forecast then for as_of, and
-- what was consumed by then.
with origin as (
    select t.review_month, t.team_alias, t.term_start, t.as_of, t.consumed, cast(x.month_end as date) as month_end
    from {{ ref('int_flex_term') }} as t
    inner join (
        select k.review_month, k.team_alias, {{ add_days(month_start('k.day'), -1) }} as month_end
        from (
            select review_month, team_alias, {{ days_from_to('term_start', 'as_of') }} as day
            from {{ ref('int_flex_term') }}
            where term_start is not null
        ) as k
        group by k.review_month, k.team_alias, {{ add_days(month_start('k.day'), -1) }}
    ) as x on x.review_month = t.review_month and x.team_alias = t.team_alias and x.month_end >= t.term_start
        and x.month_end < t.as_of
),
known as (
    select
        o.review_month, o.team_alias, o.month_end, o.as_of, o.consumed,
        {{ days_between('o.month_end', 'o.term_start') }} + 1 as elapsed,
        cast(coalesce(sum(case when u.day >= o.term_start then u.tokens end),
            0) as {{ total_type() }}) as consumed_then,
        cast(coalesce(sum(case when u.day >= o.term_start and u.day > {{ add_days('o.month_end', -90) }} then u.tokens
            end), 0) as {{ total_type() }}) as tokens_90
    from origin as o
    left join {{ ref('int_token_row') }} as u
        on u.review_month = o.review_month and u.team_alias = o.team_alias
            and u.day <= o.month_end
    group by o.review_month, o.team_alias, o.month_end, o.as_of, o.consumed, o.term_start
)
select
    k.review_month, k.team_alias, k.month_end as cut, k.as_of as target, k.consumed_then,
    -- Up to the 90th day all tokens of the term lie in the last 90 days: one expression serves both velocities.
    cast(k.consumed_then + {{ money_ratio(['k.tokens_90', days_between('k.as_of', 'k.month_end')], '1',
        'least(k.elapsed, 90)') }} as {{ total_type() }}) as forecast_v_now,
    k.consumed as outcome
from known as k
