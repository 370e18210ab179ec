-- Grain: (person, offering, is_hidden) with token usage in the window: tokens, and what they cost, each pool at its own price. Costs are tokens x price x 365,
-- to be divided by the days observed: cost_days as the prices stand (one sum only where currency_low = currency_high), cost_days_own in the
-- organisation's currency, null where a rate is missing.
select
    u.review_month, u.person_key, u.offering_key,
    h.team_alias is not null and starts_with(u.person_key, 'hash:') as is_hidden,
    cast(sum(u.tokens) as decimal(18,4)) as tokens,
    cast(sum(u.tokens * cast(coalesce(x.price, g.price) as decimal(12,4)) * 365) as decimal(38,8)) as cost_days,
    case when count(*) filter (where u.tokens > 0 and coalesce(x.price, g.price) is not null and r.per_unit is null) = 0
        then cast(sum(u.tokens * cast(coalesce(x.price, g.price) as decimal(12,4)) * r.per_unit * 365) as decimal(38,12)) end as cost_days_own,
    min(case when u.tokens > 0 then coalesce(x.currency, g.currency) end) as currency_low,
    max(case when u.tokens > 0 then coalesce(x.currency, g.currency) end) as currency_high,
    count(distinct u.day) as days,
    {{ evidence('u.src') }} as evidence,
    count(*) as evidence_rows
from {{ ref('int_use_row') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
left join {{ ref('int_token_price') }} as x on x.review_month = u.review_month and x.team_alias = u.team_alias
left join {{ ref('int_token_price') }} as g on g.review_month = u.review_month and g.team_alias = ''
left join {{ ref('int_rate') }} as r on r.review_month = u.review_month and r.currency = coalesce(x.currency, g.currency)
left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
where u.input = 'token_usage' and u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
group by u.review_month, u.person_key, u.offering_key, h.team_alias is not null and starts_with(u.person_key, 'hash:')
