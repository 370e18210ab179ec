-- Grain: pool of int_pool: what is left of its tokens if the portal is right where it states less than the ledger. The
-- latest statement up to as_of decides: what it fell short of the ledger on its day is taken off the ledger's balance.
-- A statement above the ledger, or none, leaves the ledger's. exhaustion_date and the shortfall stand on this balance.
with latest as (
    select * from {{ ref('int_flex_statement') }}
    qualify row_number() over (partition by review_month, team_alias order by balance_date desc) = 1
),
lowered as (
    select
        p.*, s.balance_date as stated_on, s.stated as stated_balance,
        cast(p.balance - greatest(0, coalesce(s.balance - s.stated, 0)) as {{ money_type() }}) as lower_balance
    from {{ ref('int_pool') }} as p
    left join latest as s on s.review_month = p.review_month and s.team_alias = p.team_alias
),
projected as (
    select
        l.*,
        l.lower_balance < l.balance as is_lower,
        case when l.v_tokens > 0 then {{ add_days('l.as_of', 'cast(least('
            ~ floor_div('greatest(0, l.lower_balance)', 'l.v_days', 'l.v_tokens') ~ ', 1000000) as bigint)')
            }} end as lower_exhaustion_date,
        l.short_times_days + (l.balance - l.lower_balance) * l.v_days as lower_short_times_days
    from lowered as l
)
select
    p.review_month, p.team_alias, p.stated_on, p.stated_balance, p.lower_balance, p.is_lower,
    case when p.is_lower then p.lower_exhaustion_date else p.exhaustion_date end as exhaustion_date,
    -- greatest() skips null: without a term the shortfall is unknown.
    case when not p.is_lower then p.shortfall_tokens
        when p.lower_short_times_days is not null
            then {{ money_ratio('greatest(0, p.lower_short_times_days)', '1', 'p.v_days') }} end as shortfall_tokens,
    case when not p.is_lower then p.shortfall_amount
        when p.lower_short_times_days is not null and p.token_price is not null
            then {{ money_ratio(['p.token_price', 'greatest(0, p.lower_short_times_days)'], '1', 'p.v_days') }}
        end as shortfall_amount,
    case when p.is_lower then p.is_old_enough and coalesce(p.lower_exhaustion_date < p.term_end, false)
        else p.flx_01 end as is_short,
    case when p.is_lower then coalesce(p.lower_balance < p.low_balance, false) else p.flx_03 end as is_low
from projected as p
