-- Grain: (line_key, offering, cost centre, kind): seats assigned under it, in millionths: a seat of a team with several
-- contracts is split over them by their seats. kind: seats, or ghosts. Cost centre as HR has it; contractors without HR
-- record and everybody else without one are `(none)`.
with share as (
    select
        s.review_month, s.team_alias, s.offering_key, coalesce(s.contract_number, s.subscription_id, '') as line_key,
            {{ count_sum('s.seat_quantity') }} as seats,
        {{ count_sum('sum(s.seat_quantity)', 'over (partition by s.review_month, s.team_alias, s.offering_key)')
            }} as team_seats
    from {{ ref('int_subscription') }} as s
    where s.in_force and s.seat_quantity > 0
    group by s.review_month, s.team_alias, s.offering_key, coalesce(s.contract_number, s.subscription_id, '')
),
holder as (
    select
        a.review_month, a.team_alias, a.offering_key, coalesce(p.cost_centre, '(none)') as cost_centre,
        case when g.person_key is null then 'seats' else 'ghosts' end as kind, count(*) as persons
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    left join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
    group by a.review_month, a.team_alias, a.offering_key, coalesce(p.cost_centre, '(none)'), case
        when g.person_key is null then 'seats' else 'ghosts' end
)
select
    h.review_month, s.line_key, h.offering_key, h.cost_centre, h.kind,
    cast(sum({{ whole_share('h.persons * 1000000', 's.seats', 's.team_seats') }}) as bigint) as micro_seats
from holder as h
inner join share as s using (review_month, team_alias, offering_key)
group by h.review_month, s.line_key, h.offering_key, h.cost_centre, h.kind
