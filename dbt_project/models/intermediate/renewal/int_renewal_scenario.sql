-- Grain: (review month with a brief, scenario): growth of demand, rise of the prices of seats and of tokens in whole
-- percent, spare seats per team and offering. Tokens rise as seats do, unless the company says otherwise for the
-- scenario (token_price_low, token_price_base, token_price_high). The low case never asks for more seats than the base
-- case, nor the high case for fewer: growth and spare seats that say otherwise are those of the base case.
with stated as (
    select
        m.review_month, s.scenario,
        {{ whole_of_text("max(case when p.parameter = 'growth_' || s.scenario then p.value end)") }} as growth_percent,
        {{ whole_of_text("max(case when p.parameter = 'price_' || s.scenario then p.value end)") }} as price_percent,
        {{ whole_of_text("coalesce(max(case when p.parameter = 'token_price_' || s.scenario then p.value end),
            max(case when p.parameter = 'price_' || s.scenario then p.value end))") }} as token_price_percent,
        {{ whole_of_text("max(case when p.parameter = 'buffer_' || s.scenario then p.value end)") }} as buffer
    from (select distinct review_month from {{ ref('int_due_contract') }} where activity = 'renewal_brief') as m
    cross join (values ('low'), ('base'), ('high')) as s (scenario)
    inner join {{ ref('int_parameter') }} as p on p.review_month = m.review_month and p.rule_id = 'renewal'
        and p.offering_key = ''
    group by m.review_month, s.scenario
),
base as (
    select review_month, growth_percent, buffer from stated where scenario = 'base'
)
select
    s.review_month, s.scenario,
    case s.scenario when 'low' then least(s.growth_percent, b.growth_percent)
        when 'high' then greatest(s.growth_percent, b.growth_percent) else s.growth_percent end as growth_percent,
    s.price_percent, s.token_price_percent,
    case s.scenario when 'low' then least(s.buffer, b.buffer)
        when 'high' then greatest(s.buffer, b.buffer) else s.buffer end as buffer
from stated as s
inner join base as b using (review_month)
