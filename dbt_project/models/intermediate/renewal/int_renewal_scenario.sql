-- Grain: (review month with a brief, scenario): growth of demand, rise of the prices of seats and of tokens in whole
-- percent, spare seats per team and offering. Tokens rise as seats do, unless the company says otherwise for the
-- scenario (token_price_low, token_price_base, token_price_high).
select
    m.review_month, s.scenario,
    cast(max(case when p.parameter = 'growth_' || s.scenario then p.value end) as bigint) as growth_percent,
    cast(max(case when p.parameter = 'price_' || s.scenario then p.value end) as bigint) as price_percent,
    cast(coalesce(
        max(case when p.parameter = 'token_price_' || s.scenario then p.value end),
        max(case when p.parameter = 'price_' || s.scenario then p.value end)) as bigint) as token_price_percent,
    cast(max(case when p.parameter = 'buffer_' || s.scenario then p.value end) as bigint) as buffer
from (select distinct review_month from {{ ref('int_due_contract') }} where activity = 'renewal_brief') as m
cross join (values ('low'), ('base'), ('high')) as s (scenario)
inner join {{ ref('int_parameter') }} as p on p.review_month = m.review_month and p.rule_id = 'renewal'
    and p.offering_key = ''
group by m.review_month, s.scenario
