-- Grain: (review_month, contract): the company's contracts as they stand in the month.
select c.review_month, c.contract_number, c.kind, c.start_date, c.end_date, c.renewal_date, c.true_up_measure,
    c.territory, c.auto_renew
from {{ source('reference', 'contracts') }} as c
