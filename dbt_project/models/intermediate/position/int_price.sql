-- Grain: (offering, basis, contract or ''): the price per seat and year in force at as_of.
select
    p.review_month,
    p.offering_key,
    p.basis,
    coalesce(p.contract_number, '') as contract_number,
    p.amount,
    p.currency
from {{ source('reference', 'prices') }} as p
inner join {{ ref('int_month') }} as m using (review_month)
where p.valid_from <= m.as_of and m.as_of <= p.valid_to
