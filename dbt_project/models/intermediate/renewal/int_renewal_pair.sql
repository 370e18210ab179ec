-- Grain: (contract whose brief is due, team, offering) with a subscription in force under it: what is up for renewal.
-- Only where use is known: without it nobody could be told from somebody who uses nothing.
select distinct d.review_month, d.contract_number, s.team_alias, s.offering_key
from {{ ref('int_due_contract') }} as d
inner join {{ ref('int_subscription') }} as s on s.review_month = d.review_month
    and s.contract_number = d.contract_number and s.in_force
inner join {{ ref('int_clock') }} as c on c.review_month = d.review_month and {{ use_is_known('c') }}
where d.activity = 'renewal_brief'
