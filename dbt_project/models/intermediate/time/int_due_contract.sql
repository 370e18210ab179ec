-- Grain: (contract, activity): contracts whose pre-renewal review is made in the review month: readiness in the month
-- of renewal_date - 120 days, the brief in that of renewal_date - 90 days; both are due on renewal_date - 90.
select m.review_month, c.contract_number, c.renewal_date, 'audit_readiness' as activity,
    {{ add_days('c.renewal_date', -90) }} as due_on
from {{ source('reference', 'contracts') }} as c
inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
where c.renewal_date is not null and {{ month_text(add_days('c.renewal_date', -120)) }} = m.drop_month
union all
select m.review_month, c.contract_number, c.renewal_date, 'renewal_brief', {{ add_days('c.renewal_date', -90) }}
from {{ source('reference', 'contracts') }} as c
inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
where c.renewal_date is not null and {{ month_text(add_days('c.renewal_date', -90)) }} = m.drop_month
