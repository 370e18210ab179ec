-- Grain: offering with a price: for rules without a team: contract without number, else list.
select
    o.review_month,
    o.offering_key,
    coalesce(c.amount, l.amount) as price,
    case when c.amount is not null then c.currency else l.currency end as currency,
    case when c.amount is not null then 'contract' else 'list' end as price_basis
from (select distinct review_month, offering_key from {{ ref('int_price') }} where contract_number = '') as o
left join {{ ref('int_price') }} as c on c.review_month = o.review_month and c.offering_key = o.offering_key
    and c.basis = 'contract' and c.contract_number = ''
left join {{ ref('int_price') }} as l on l.review_month = o.review_month and l.offering_key = o.offering_key
    and l.basis = 'list' and l.contract_number = ''
