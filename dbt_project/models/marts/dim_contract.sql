-- Grain: (review_month, contract): the company's contracts as they stand in the month, and, with nothing but their
-- number, those that only subscriptions name; the empty one stands for rows without a contract.
with met as (
    select review_month, coalesce(contract_number, subscription_id, '') as contract_number
    from {{ ref('int_subscription') }}
    union
    select review_month, '' as contract_number from {{ ref('int_month') }}
    union
    select review_month, contract_number from {{ source('reference', 'contracts') }}
)
select m.review_month, {{ month_begin('m.review_month') }} as month_start,
    m.contract_number, c.contract_number is not null as is_known, c.kind, c.start_date, c.end_date,
    c.renewal_date, c.true_up_measure, c.territory, c.auto_renew
from met as m
left join {{ source('reference', 'contracts') }} as c on c.review_month = m.review_month
    and c.contract_number = m.contract_number
