-- Grain: (team, offering) of product_access of drop(M): the seats that the portal shows there, beside our own count of
-- both. entitled is null where subscriptions are missing, assigned where A is: what is not known is not compared.
with given as (
    {{ given_inputs() }}
),
keyed as (
    -- One offering may be spelt differently from file to file: the file of highest precedence wins for the offering.
    select s.*, o.offering_key
    from {{ ref('stg_portal__product_access') }} as s
    inner join {{ ref('int_offering_name') }} as o on o.review_month = s.review_month and o.name = s.offering_name
    qualify s.file_rank = max(s.file_rank) over (partition by s.review_month, s.team_alias, o.offering_key)
),
shown as (
    select
        s.review_month, s.team_alias, s.offering_key,
        {{ count_sum('s.seats_total') }} as seats_total,
        {{ count_sum('s.seats_assigned') }} as seats_assigned,
        count(*) as shown_rows,
        {{ evidence('s.src') }} as evidence
    from keyed as s
    inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
    -- A pool says from when to when its seats can be used.
    where coalesce(s.start_date, m.as_of) <= m.as_of and coalesce(s.end_date, m.as_of) >= m.as_of
    group by s.review_month, s.team_alias, s.offering_key
)
select
    s.review_month, s.team_alias, s.offering_key, s.seats_total, s.seats_assigned,
    case when g.has_subscriptions then coalesce(p.entitled, 0) end as entitled,
    case when g.has_a then coalesce(p.assigned, 0) end as assigned,
    coalesce(p.has_unknown_status, false) as has_unknown_status,
    s.shown_rows,
    s.evidence,
    coalesce(p.subscription_evidence, {{ no_evidence() }}) as subscription_evidence,
    coalesce(p.seat_evidence, {{ no_evidence() }}) as seat_evidence
from shown as s
inner join given as g using (review_month)
left join {{ ref('int_position') }} as p using (review_month, team_alias, offering_key)
