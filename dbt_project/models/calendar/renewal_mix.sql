-- Grain: (review_month, contract, team, person): the cheapest lawful mix of licences for the next term, base case, with
-- one sentence of reason; for contracts whose brief is due this month and where use is known.
select
    c.review_month, c.contract_number, c.team_alias, c.person_key, p.email, p.display_name,
    nullif(c.held, '') as held, nullif(c.seats, '') as seats,
    nullif(c.flex_now, '') as flex_now, nullif(c.flex, '') as flex, c.action,
    {{ money_of_cents('c.tokens_now_cents') }} as tokens_now, {{ money_of_cents('c.tokens_cents') }} as tokens_proposed,
    {{ money_of_cents('c.cost_now_cents') }} as cost_now,
    {{ money_of_cents('c.cost_cents') }} as cost_proposed,
    {{ money_of_cents('c.cost_now_cents - c.cost_cents') }} as saving,
    k.currency, c.reason
from {{ ref('int_renewal_choice') }} as c
inner join {{ ref('int_person') }} as p using (review_month, person_key)
left join (select distinct review_month, contract_number, currency from {{ ref('int_renewal_price') }}) as k
    on k.review_month = c.review_month and k.contract_number = c.contract_number
