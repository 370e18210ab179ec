-- Grain: (contract, activity): contracts whose pre-renewal review is made in the review month. The brief is made in two
-- months, of which the first is the period of the review; both reviews are due on renewal_date - 90.
select
    c.review_month, c.contract_number, c.renewal_date, 'audit_readiness' as activity,
    {{ renewal_due_on('c.renewal_date') }} as due_on, m.drop_month as first_period
from {{ source('reference', 'contracts') }} as c
inner join {{ ref('int_month') }} as m using (review_month)
where c.renewal_date is not null and {{ readiness_period('c.renewal_date') }} = m.drop_month
union all
select
    c.review_month, c.contract_number, c.renewal_date, 'renewal_brief',
    {{ renewal_due_on('c.renewal_date') }}, {{ brief_period('c.renewal_date') }}
from {{ source('reference', 'contracts') }} as c
inner join {{ ref('int_month') }} as m using (review_month)
where c.renewal_date is not null
    and m.drop_month in ({{ brief_period('c.renewal_date') }}, {{ second_brief_period('c.renewal_date') }})
