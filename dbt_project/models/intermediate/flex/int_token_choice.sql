-- Grain: pool with a term: the projected total as an interval, and the method with the smaller back-test error. The
-- forecast is preferred to v_now where it was off by less over the cuts that both have; without such a cut v_now stays.
with cut_error as (
    select
        c.review_month, c.team_alias, count(*) as cuts, max(c.outcome) as outcome,
        sum(abs(c.forecast_v_now - c.outcome)) as off_v_now,
        sum(abs(c.consumed_then + i.p50 - c.outcome)) as off_forecast
    from {{ ref('int_flex_cut') }} as c
    inner join {{ ref('int_token_origin') }} using (review_month, team_alias, cut, target)
    inner join {{ ref('int_token_interval') }} as i using (origin)
    group by c.review_month, c.team_alias
),
projected as (
    select o.review_month, o.team_alias, i.p10, i.p50, i.p90
    from {{ ref('int_token_origin') }} as o
    inner join {{ ref('int_flex_term') }} as t on t.review_month = o.review_month and t.team_alias = o.team_alias
        and t.as_of = o.cut
    inner join {{ ref('int_token_interval') }} as i using (origin)
)
select
    t.review_month, t.team_alias,
    cast(t.consumed + p.p10 as {{ money_type() }}) as projected_p10,
    cast(t.consumed + p.p50 as {{ money_type() }}) as projected_p50,
    cast(t.consumed + p.p90 as {{ money_type() }}) as projected_p90,
    case when e.outcome > 0 and e.off_forecast < e.off_v_now then 'block_bootstrap' else 'v_now' end as method,
    case
        when e.outcome > 0
            and e.off_forecast < e.off_v_now
            then cast(e.off_forecast as double) / nullif(cast(e.outcome as double) * e.cuts, 0)
        else b.backtest_mape
    end as backtest_mape
from {{ ref('int_flex_term') }} as t
left join projected as p using (review_month, team_alias)
left join cut_error as e using (review_month, team_alias)
left join {{ ref('int_flex_backtest') }} as b using (review_month, team_alias)
where t.term_start is not null
