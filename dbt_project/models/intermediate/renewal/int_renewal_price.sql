-- Grain: (contract whose brief is due, offering with a price): the price of a seat and year for it, in the currency of
-- the contract (that of most of its priced seats; prices in others cannot be compared and are left out).
with priced as (
    select
        d.review_month, d.contract_number, o.offering_key,
        coalesce(own.amount, any_contract.amount, list.amount) as price,
        case when own.amount is not null then own.currency
            when any_contract.amount is not null then any_contract.currency else list.currency end as currency
    from (select distinct review_month, contract_number from {{ ref('int_renewal_pair') }}) as d
    inner join (select distinct review_month, offering_key from {{ ref('int_price') }}) as o
        on o.review_month = d.review_month
    left join {{ ref('int_price') }} as own
        on own.review_month = d.review_month and own.offering_key = o.offering_key and own.basis = 'contract'
            and own.contract_number = d.contract_number
    left join {{ ref('int_price') }} as any_contract
        on any_contract.review_month = d.review_month and any_contract.offering_key = o.offering_key
            and any_contract.basis = 'contract' and any_contract.contract_number = ''
    left join {{ ref('int_price') }} as list
        on list.review_month = d.review_month and list.offering_key = o.offering_key and list.basis = 'list'
            and list.contract_number = ''
),
currency as (
    select p.review_month, p.contract_number, p.currency
    from priced as p
    inner join {{ ref('int_renewal_pair') }} as r on r.review_month = p.review_month
        and r.contract_number = p.contract_number and r.offering_key = p.offering_key
    left join {{ ref('int_position') }} as o on o.review_month = r.review_month and o.team_alias = r.team_alias
        and o.offering_key = r.offering_key
    where p.price is not null
    group by p.review_month, p.contract_number, p.currency
    qualify row_number() over (partition by p.review_month, p.contract_number
        order by sum(coalesce(o.assigned, 0)) desc, p.currency) = 1
)
select p.review_month, p.contract_number, p.offering_key, p.currency,
    cast({{ money('p.price') }} * 100 as {{ whole_type() }}) as price_cents
from priced as p
inner join currency as c on c.review_month = p.review_month and c.contract_number = p.contract_number
    and c.currency = p.currency
where p.price is not null
