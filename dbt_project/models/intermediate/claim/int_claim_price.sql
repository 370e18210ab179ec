-- Grain: offering that lines of the claims name: its list price, and its contract price, that of the contract with most
-- seats in force, else that without a contract.
{{ config(materialized='view') }}
with named as (
    select distinct review_month, offering_key from {{ ref('int_claim') }} where offering_key is not null
),
contract_of as (
    select review_month, offering_key, contract_number
    from {{ ref('int_subscription') }}
    where in_force
    qualify row_number() over (partition by review_month, offering_key order by seat_quantity desc, end_date desc,
        contract_number nulls last, src) = 1
)
select
    o.review_month, o.offering_key, l.amount as list_price, l.currency as list_currency,
    coalesce(n.amount, w.amount) as contract_price,
    case when n.amount is not null then n.currency else w.currency end as contract_currency
from named as o
left join contract_of as k using (review_month, offering_key)
left join {{ ref('int_price') }} as l on l.review_month = o.review_month and l.offering_key = o.offering_key
    and l.basis = 'list' and l.contract_number = ''
left join {{ ref('int_price') }} as n on n.review_month = o.review_month and n.offering_key = o.offering_key
    and n.basis = 'contract' and n.contract_number = k.contract_number and n.contract_number <> ''
left join {{ ref('int_price') }} as w on w.review_month = o.review_month and w.offering_key = o.offering_key
    and w.basis = 'contract' and w.contract_number = ''
