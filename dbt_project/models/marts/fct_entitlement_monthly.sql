-- Grain: (review_month, team, offering, contract): seats bought and in force at as_of.
select s.review_month, {{ month_begin('s.review_month') }} as month_start,
    s.team_alias, s.offering_key, coalesce(s.contract_number, s.subscription_id,
    '') as contract_number,
    {{ count_sum('case when s.in_force then s.seat_quantity else 0 end') }} as entitled,
        min(case when s.in_force then s.end_date end) as earliest_end, count(*) as subscription_rows
from {{ ref('int_subscription') }} as s
group by s.review_month, s.team_alias, s.offering_key, coalesce(s.contract_number, s.subscription_id, '')
