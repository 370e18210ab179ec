-- Grain: (review_month, pool, cut, method): what each method would have forecast at an earlier month end of the term
-- for as_of, and what was consumed by then.
select
    c.review_month, c.team_alias, c.cut, c.target, {{ days_between('c.target', 'c.cut') }} as horizon,
        'v_now' as method,
    cast(c.forecast_v_now as {{ money_type() }}) as forecast, cast(c.outcome as {{ money_type() }}) as outcome,
    cast(null as {{ money_type() }}) as forecast_p10, cast(null as {{ money_type() }}) as forecast_p90,
    cast(abs(c.forecast_v_now - c.outcome) as double) / nullif(cast(c.outcome as double), 0) as error
from {{ ref('int_flex_cut') }} as c
union all
select
    c.review_month, c.team_alias, c.cut, c.target, {{ days_between('c.target', 'c.cut') }} as horizon,
        'block_bootstrap' as method,
    cast(c.consumed_then + i.p50 as {{ money_type() }}) as forecast, cast(c.outcome as {{ money_type() }}) as outcome,
    cast(c.consumed_then + i.p10 as {{ money_type() }}) as forecast_p10,
        cast(c.consumed_then + i.p90 as {{ money_type() }}) as forecast_p90,
    cast(abs(c.consumed_then + i.p50 - c.outcome) as double) / nullif(cast(c.outcome as double), 0) as error
from {{ ref('int_flex_cut') }} as c
inner join {{ ref('int_token_origin') }} using (review_month, team_alias, cut, target)
inner join {{ ref('int_token_interval') }} as i using (origin)
