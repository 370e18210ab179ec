-- Grain: (review_month, pool): will the tokens last the term. projected_total and what follows
-- from it stand on v_now; p10, p50 and p90 are the forecast, and method says which of the two was nearer in the
-- back-test.
select
    p.review_month, p.team_alias,
    cast(p.purchased as {{ money_type() }}) as purchased,
    case when p.term_start is not null then cast(p.consumed as {{ money_type() }}) end as consumed,
    p.balance, p.overdraft, p.expired, p.elapsed_days,
    p.velocity_first_90d, p.velocity_30d, p.v_now, p.projected_total,
    c.projected_p10, c.projected_p50, c.projected_p90,
    p.exhaustion_date, p.term_start, p.term_end,
    case
        when a.assessability = 'not_assessable' or not p.is_old_enough then 'not_assessable'
        when p.flx_01 then 'short'
        when p.flx_03 or p.exhaustion_date <= {{ add_days('p.term_end', 30) }} then 'tight'
        else 'adequate'
    end as adequacy,
    p.shortfall_tokens,
    p.shortfall_amount,
    case when p.token_price is not null then p.currency end as currency,
    coalesce(c.method, 'v_now') as method,
    c.backtest_mape
from {{ ref('int_pool') }} as p
inner join {{ ref('int_assessability') }} as a on a.review_month = p.review_month and a.rule_id = 'FLX-01'
left join {{ ref('int_token_choice') }} as c on c.review_month = p.review_month and c.team_alias = p.team_alias
