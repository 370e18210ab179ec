-- Grain: pool: everything that the token forecast shows. Tokens compare at two decimals. A pool without a pack active
-- at as_of has no term:
-- its balance, velocities and projections are null, not zero.
with packs as (
    select
        p.review_month, p.team_alias,
        cast(sum(case when p.is_active then p.tokens - p.taken end) as {{ total_type() }}) as balance,
        cast(coalesce(sum(case when p.end_date < m.as_of then p.tokens - p.taken end),
            0) as {{ total_type() }}) as expired
    from {{ ref('int_flex_pack') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
    group by p.review_month, p.team_alias
),
uncovered as (
    -- What no pack covered: what remains after the last pack.
    select l.review_month, l.team_alias, cast(sum(l.remaining) as {{ total_type() }}) as overdraft
    from {{ ref('int_flex_ledger') }} as l
    inner join {{ ref('int_month') }} as m using (review_month)
    where l.day <= m.as_of
        and l.place = (select max(x.place) from {{ ref('int_flex_ledger') }} as x
            where x.review_month = l.review_month and x.team_alias = l.team_alias)
    group by l.review_month, l.team_alias
),
joined as (
    select
        t.*,
        case when t.consumed is not null then p.balance end as balance,
        case when t.consumed is not null then coalesce(p.expired, 0) end as expired,
        case when t.consumed is not null then coalesce(u.overdraft, 0) end as overdraft,
        {{ days_between('t.term_end', 't.as_of') }} as days_left,
        x.price as token_price, x.currency
    from {{ ref('int_flex_term') }} as t
    left join packs as p on p.review_month = t.review_month and p.team_alias = t.team_alias
    left join uncovered as u on u.review_month = t.review_month and u.team_alias = t.team_alias
    left join {{ ref('int_token_price') }} as x on x.review_month = t.review_month and x.team_alias = t.team_alias
),
projected as (
    select
        j.*,
        case when j.v_tokens > 0 then {{ add_days('j.as_of', 'cast(least('
            ~ floor_div('j.balance', 'j.v_days', 'j.v_tokens') ~ ', 1000000) as bigint)') }} end as exhaustion_date,
        -- Tokens that v_now will still take less the balance, times v_days: exact.
        j.v_tokens * j.days_left - j.balance * j.v_days as short_times_days
    from joined as j
),
limited as (
    select j.*, cast({{ param_decimal('FLX-03', 'share',
        'j') }} * cast(j.purchased as {{ total_type() }}) as {{ money_type() }}) as low_balance
    from projected as j
)
select
    p.review_month, p.team_alias, p.as_of, p.purchased, p.consumed,
        cast(round(p.balance, 2) as {{ money_type() }}) as balance,
    cast(round(p.overdraft, 2) as {{ money_type() }}) as overdraft,
        cast(round(p.expired, 2) as {{ money_type() }}) as expired, p.elapsed_days,
    case when p.term_start is not null then cast(p.first_tokens as double) / nullif(p.first_days, 0)
        end as velocity_first_90d,
    cast(p.tokens_30 as double) / 30 as velocity_30d,
    cast(p.v_tokens as double) / nullif(p.v_days, 0) as v_now,
    p.v_tokens, p.v_days, p.short_times_days,
    {{ money_ratio('(p.consumed * p.v_days + p.v_tokens * p.days_left)', '1', 'p.v_days') }} as projected_total,
    p.exhaustion_date, p.term_start, p.term_end, p.days_left,
    -- greatest() skips null: without a term the shortfall is unknown.
    case when p.short_times_days is not null then {{ money_ratio('greatest(0, p.short_times_days)', '1', 'p.v_days') }}
        end as shortfall_tokens,
    -- In money from the unrounded shortfall, rounded once.
    case when p.short_times_days is not null and p.token_price is not null
        then {{ money_ratio(['p.token_price', 'greatest(0, p.short_times_days)'], '1', 'p.v_days') }}
            end as shortfall_amount,
    p.token_price, p.currency, p.evidence,
    p.term_start is not null and p.elapsed_days >= {{ param('FLX-01', 'min_elapsed_days', 'p') }} as is_old_enough,
    coalesce(p.term_start is not null and p.elapsed_days >= {{ param('FLX-01', 'min_elapsed_days', 'p') }}
        and p.exhaustion_date < p.term_end, false) as flx_01,
    coalesce(round(p.balance, 2) < p.low_balance, false) as flx_03,
    p.low_balance,
    b.backtest_months,
    b.backtest_mape
from limited as p
left join {{ ref('int_flex_backtest') }} as b using (review_month, team_alias)
