-- Grain: row of subscriptions of drop(M). counts: the status lets it count; in_force: it counts and covers as_of. One
-- of unknown status counts by its dates, and its position says so (is_status_unknown).
select
    s.review_month,
    s.team_alias,
    o.offering_key,
    s.offering_name,
    s.contract_number,
    s.subscription_id,
    s.seat_quantity,
    s.start_date,
    s.end_date,
    s.autorenew_date,
    coalesce(s.subscription_status, '') <> 'over' as counts,
    coalesce(s.subscription_status, '') <> 'over' and s.start_date <= m.as_of and m.as_of <= s.end_date as in_force,
    coalesce(s.subscription_status = 'unknown', false) as is_status_unknown,
    s.src
from {{ ref('stg_portal__subscriptions') }} as s
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ ref('int_offering_name') }} as o on o.review_month = s.review_month and o.name = s.offering_name
