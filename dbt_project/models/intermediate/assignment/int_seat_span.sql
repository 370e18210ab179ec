-- Grain: (person, offering, span, row): when a person held a seat, as far as the rows of the month and of earlier
-- months tell: seats of the month, rows that say until when one was held, seats of earlier months. A seat of a position
-- without a subscription in force gives a right until that ended.
{{ config(materialized='view') }}
select s.review_month, s.person_key, s.offering_key,
    coalesce(s.assigned_date, cast('1900-01-01' as date)) as held_from,
    case when p.ent_04 then p.ended_on else cast('9999-12-31' as date) end as held_to, s.src
from {{ ref('int_seat') }} as s
left join {{ ref('int_position') }} as p using (review_month, team_alias, offering_key)
union all
select u.review_month, u.person_key, u.offering_key, coalesce(u.assigned_date, cast('1900-01-01' as date)),
    u.unassigned_date, u.src
from {{ ref('int_usage_report') }} as u
where not u.is_assigned and not u.is_flex and u.unassigned_date is not null
union all
select m.review_month, coalesce(a.email, h.person_key), h.offering_key,
    coalesce(h.assigned_date, cast('1900-01-01' as date)), {{ month_end('h.review_month') }}, h.src
from {{ ref('int_month') }} as m
inner join {{ ref('int_seat_history') }} as h on h.review_month < m.drop_month and h.is_assigned
left join {{ source('reference', 'person_aliases') }} as a on a.review_month = m.review_month
    and a.alias_email = h.person_key
