-- Grain: (person, offering, is_hidden) with token usage in the window: tokens, and what they cost, each pool at its own
-- price. Costs are tokens x price x 365, to be divided by the days observed: cost_days as the prices stand (one sum
-- only where currency_low = currency_high), cost_days_own in the organisation's currency, null where a rate is missing.
-- Both are null where a pool's part is beyond what can be added (macro addend).
with used as (
    select
        u.review_month, u.team_alias, u.person_key, u.offering_key, u.tokens, u.day, u.src,
        h.team_alias is not null and u.person_key like 'hash:%' as is_hidden
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
    where u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
),
by_pool as (
    select
        u.review_month, u.person_key, u.offering_key, u.is_hidden, u.team_alias,
            cast(sum(u.tokens) as {{ total_type() }}) as tokens
    from used as u
    group by u.review_month, u.person_key, u.offering_key, u.is_hidden, u.team_alias
),
priced as (
    select
        p.*, coalesce(x.price, g.price) as price, coalesce(x.currency, g.currency) as currency, r.per_unit,
        {{ addend(['p.tokens', 'coalesce(x.price, g.price)', '365']) }} as cost_days
    from by_pool as p
    left join {{ ref('int_token_price') }} as x on x.review_month = p.review_month and x.team_alias = p.team_alias
    left join {{ ref('int_token_price') }} as g on g.review_month = p.review_month and g.team_alias = ''
    left join {{ ref('int_rate') }} as r on r.review_month = p.review_month
        and r.currency = coalesce(x.currency, g.currency)
),
in_own_currency as (
    select p.*, {{ addend(converted('p.cost_days', 'p.per_unit')) }} as cost_days_own from priced as p
),
costed as (
    select
        p.review_month, p.person_key, p.offering_key, p.is_hidden, sum(p.tokens) as tokens,
        case when count(p.price) = count(p.cost_days) then sum(p.cost_days) end as cost_days,
        case when count(case when p.tokens > 0 then p.price end) = count(case
            when p.tokens > 0 then p.cost_days_own end) then sum(p.cost_days_own) end as cost_days_own,
        min(case when p.tokens > 0 then p.currency end) as currency_low,
        max(case when p.tokens > 0 then p.currency end) as currency_high
    from in_own_currency as p
    group by p.review_month, p.person_key, p.offering_key, p.is_hidden
),
counted as (
    select
        u.review_month, u.person_key, u.offering_key, u.is_hidden, count(distinct u.day) as days,
            {{ evidence('u.src') }} as evidence, count(*) as evidence_rows
    from used as u
    group by u.review_month, u.person_key, u.offering_key, u.is_hidden
)
select
    c.review_month, c.person_key, c.offering_key, c.is_hidden, c.tokens, c.cost_days, c.cost_days_own, c.currency_low,
        c.currency_high,
    n.days, n.evidence, n.evidence_rows
from costed as c
inner join counted as n
    on n.review_month = c.review_month and n.person_key = c.person_key and n.offering_key = c.offering_key
        and n.is_hidden = c.is_hidden
