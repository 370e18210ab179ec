-- Grain: (contract whose brief is due, offering with a price): the price of a seat and year for it, in the currency of
-- the contract (that of most of its priced seats; prices in others cannot be compared and are left out): by the
-- contract's own lines, else by `prices` for the contract, for contracts without number, or of the list.
with due as (
    select distinct review_month, contract_number from {{ ref('int_renewal_pair') }}
),
-- A line without a currency is in the company's own.
line as (
    select l.review_month, l.contract_number, l.offering_key, l.unit_price as price,
        coalesce(l.currency, r.own_currency) as currency
    from {{ source('reference', 'contract_lines') }} as l
    inner join due using (review_month, contract_number)
    left join (select review_month, own_currency from {{ ref('int_rate') }} where is_own) as r
        on r.review_month = l.review_month
    where l.unit_price is not null and coalesce(l.currency, r.own_currency) is not null
),
offering as (
    select distinct d.review_month, d.contract_number, o.offering_key
    from due as d
    inner join {{ ref('int_price') }} as o using (review_month)
    union
    select review_month, contract_number, offering_key from line
),
priced as (
    select
        o.review_month, o.contract_number, o.offering_key,
        coalesce(line.price, own.amount, any_contract.amount, list.amount) as price,
        case when line.price is not null then line.currency when own.amount is not null then own.currency
            when any_contract.amount is not null then any_contract.currency else list.currency end as currency
    from offering as o
    left join line on line.review_month = o.review_month and line.contract_number = o.contract_number
        and line.offering_key = o.offering_key
    left join {{ ref('int_price') }} as own
        on own.review_month = o.review_month and own.offering_key = o.offering_key and own.basis = 'contract'
            and own.contract_number = o.contract_number
    left join {{ ref('int_price') }} as any_contract
        on any_contract.review_month = o.review_month and any_contract.offering_key = o.offering_key
            and any_contract.basis = 'contract' and any_contract.contract_number = ''
    left join {{ ref('int_price') }} as list
        on list.review_month = o.review_month and list.offering_key = o.offering_key and list.basis = 'list'
            and list.contract_number = ''
),
currency as (
    select review_month, contract_number, currency
    from (
        select p.review_month, p.contract_number, p.currency, sum(coalesce(o.assigned, 0)) as assigned
        from priced as p
        inner join {{ ref('int_renewal_pair') }} as r on r.review_month = p.review_month
            and r.contract_number = p.contract_number and r.offering_key = p.offering_key
        left join {{ ref('int_position') }} as o on o.review_month = r.review_month and o.team_alias = r.team_alias
            and o.offering_key = r.offering_key
        where p.price is not null
        group by p.review_month, p.contract_number, p.currency
    )
    qualify row_number() over (partition by review_month, contract_number order by assigned desc,
        currency nulls last) = 1
)
select p.review_month, p.contract_number, p.offering_key, p.currency,
    cast({{ money('p.price') }} * 100 as {{ whole_type() }}) as price_cents
from priced as p
inner join currency using (review_month, contract_number, currency)
where p.price is not null
