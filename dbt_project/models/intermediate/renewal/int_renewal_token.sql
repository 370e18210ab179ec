-- Grain: (contract whose brief is due, offering): what tokens cost a year, for what its people use without a seat, now
-- at today's token price and by the plan in the base case. Tokens count with the offering whose seat they take the
-- place of: of what the person holds the product itself, else a collection with it; where they hold neither, with the
-- product or a collection that the contract or the plan has. Where there is none they are left out: nothing changes.
with line as (
    select r.review_month, r.contract_number, r.offering_key from {{ ref('int_renewal_pair') }} as r
    union
    select review_month, contract_number, offering_key from {{ ref('int_renewal_plan') }}
),
spent as (
    select review_month, contract_number, person_key, held, {{ split_rows('flex_now') }} as item, true as is_now
    from {{ ref('int_renewal_choice') }}
    union all
    select review_month, contract_number, person_key, held, {{ split_rows('flex') }} as item, false as is_now
    from {{ ref('int_renewal_choice') }}
),
priced as (
    select s.review_month, s.contract_number, s.person_key, s.held, s.item, x.growth_percent,
        case when s.is_now then n.flex_cents else 0 end as now_cents,
        case when s.is_now then 0
            else {{ floor_div('(n.flex_cents * (100 + x.token_price_percent) + 99)', 1, 100) }} end as proposed_cents
    from spent as s
    inner join {{ ref('int_renewal_need') }} as n using (review_month, contract_number, person_key, item)
    inner join {{ ref('int_renewal_scenario') }} as x on x.review_month = s.review_month and x.scenario = 'base'
    where n.flex_cents is not null
),
candidate as (
    select p.review_month, p.contract_number, p.person_key, p.item, l.offering_key,
        case when l.offering_key = p.item then 0 else 1 end
            + case when instr(';' || p.held || ';', ';' || l.offering_key || ';') > 0 then 0 else 2 end as place
    from (select distinct review_month, contract_number, person_key, held, item from priced) as p
    inner join line as l using (review_month, contract_number)
    left join {{ ref('int_renewal_member') }} as m on m.review_month = p.review_month
        and m.collection_key = l.offering_key and m.member_key = p.item
    where l.offering_key = p.item or m.member_key is not null
),
counted_with as (
    select review_month, contract_number, person_key, item, offering_key
    from candidate
    qualify row_number() over (
        partition by review_month, contract_number, person_key, item order by place, offering_key) = 1
),
summed as (
    select p.review_month, p.contract_number, c.offering_key, p.item, p.growth_percent,
        sum(p.now_cents) as now_cents, sum(p.proposed_cents) as proposed_cents
    from priced as p
    inner join counted_with as c using (review_month, contract_number, person_key, item)
    group by p.review_month, p.contract_number, c.offering_key, p.item, p.growth_percent
)
select s.review_month, s.contract_number, s.offering_key,
    cast(sum(s.now_cents) as {{ whole_type() }}) as now_cents,
    cast(sum({{ floor_div('(s.proposed_cents * (100 + s.growth_percent) + 99)', 1, 100) }}) as {{ whole_type() }})
        as proposed_cents
from summed as s
group by s.review_month, s.contract_number, s.offering_key
