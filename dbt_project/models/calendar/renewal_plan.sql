-- Grain: (review_month, contract, team, offering, scenario): seats to renew by the optimiser, beside what is assigned
-- now; an offering that only the optimiser names has nothing assigned, one that it gives up has no seats.
with every_case as (
    select r.review_month, r.contract_number, r.team_alias, r.offering_key, s.scenario
    from {{ ref('int_renewal_pair') }} as r
    inner join {{ ref('int_renewal_scenario') }} as s using (review_month)
    union
    select review_month, contract_number, team_alias, offering_key, scenario from {{ ref('int_renewal_plan') }}
)
select
    e.review_month, e.contract_number, e.team_alias, e.offering_key, e.scenario,
    coalesce(o.assigned, 0) as assigned, coalesce(p.persons, 0) as persons, coalesce(p.seats, 0) as seats,
    x.growth_percent, x.price_percent, x.token_price_percent, x.buffer,
    {{ money_ratio(['coalesce(p.seats, 0)', '100 + x.price_percent', 'c.price_cents'], '1', '10000') }} as cost,
        c.currency
from every_case as e
inner join {{ ref('int_renewal_scenario') }} as x using (review_month, scenario)
left join {{ ref('int_renewal_plan') }} as p using (review_month, contract_number, team_alias, offering_key, scenario)
left join {{ ref('int_renewal_price') }} as c using (review_month, contract_number, offering_key)
left join {{ ref('int_position') }} as o using (review_month, team_alias, offering_key)
