-- Grain: (review_month, pool): will the tokens last the term. projected_total and what follows
-- from it stand on v_now; p10, p50 and p90 are the forecast, and method says which of the two was nearer in the
-- back-test. `balance` is the ledger's; exhaustion_date, shortfall and adequacy take the smaller of ledger and portal
-- (int_pool_stated), so that they may say more than FLX-01 and FLX-03, which keep to the ledger.
select
    p.review_month, p.team_alias,
    cast(p.purchased as {{ money_type() }}) as purchased,
    case when p.term_start is not null then cast(p.consumed as {{ money_type() }}) end as consumed,
    p.balance, p.overdraft, p.expired, p.elapsed_days,
    p.velocity_first_90d, p.velocity_30d, p.v_now, p.projected_total,
    c.projected_p10, c.projected_p50, c.projected_p90,
    s.exhaustion_date, p.term_start, p.term_end,
    case
        when a.assessability = 'not_assessable' or not p.is_old_enough then 'not_assessable'
        when s.is_short then 'short'
        when s.is_low or s.exhaustion_date <= {{ add_days('p.term_end', 30) }} then 'tight'
        else 'adequate'
    end as adequacy,
    s.shortfall_tokens,
    s.shortfall_amount,
    case when p.token_price is not null then p.currency end as currency,
    coalesce(c.method, 'v_now') as method,
    c.backtest_mape,
    s.stated_balance, s.stated_on, s.lower_balance
from {{ ref('int_pool') }} as p
inner join {{ ref('int_pool_stated') }} as s using (review_month, team_alias)
inner join {{ ref('int_assessability') }} as a on a.review_month = p.review_month and a.rule_id = 'FLX-01'
left join {{ ref('int_token_choice') }} as c using (review_month, team_alias)
