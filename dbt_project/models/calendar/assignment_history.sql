-- Grain: (review_month, team, offering, person, spell): how long a seat was held, as the drops up to the review month tell it: a later drop never changes an earlier month.
-- From one drop to the next only an interval is known; where the portal gave the date both ends of the interval are that date, also where it lies between the
-- end of the month and the export. to_* are null while the seat is there.
with drops as (
    select f.drop as drop_month, {{ add_days(add_months("cast(f.drop || '-01' as date)", 1), -1) }} as as_of, row_number() over (order by f.drop) as place
    from {{ source('raw', 'file_register') }} as f
    where f.input in ('usage_report', 'users') and f.verdict = 'loaded' and f.drop <> 'reference'
    group by f.drop
),
month_drop as (
    select m.review_month, max(d.place) as last_place
    from {{ ref('int_month') }} as m
    inner join drops as d on d.drop_month <= m.drop_month
    group by m.review_month
),
-- Runs of drops that show the seat one after the other: what later drops show does not change their number or their order.
seen as (
    select h.team_alias, h.offering_key, h.person_key, h.assigned_date, h.routes, d.place,
        d.place - row_number() over (partition by h.team_alias, h.offering_key, h.person_key order by d.place) as island
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where h.is_assigned
),
told as (
    -- assigned_date: as the drops of the spell up to this one tell it.
    select s.team_alias, s.offering_key, s.person_key, s.place, s.routes,
        min(s.assigned_date) over (partition by s.team_alias, s.offering_key, s.person_key, s.island order by s.place rows unbounded preceding) as assigned_date
    from seen as s
),
spell as (
    select team_alias, offering_key, person_key, min(place) as first_place, max(place) as last_place
    from seen
    group by team_alias, offering_key, person_key, island
),
numbered as (
    select s.*, row_number() over (partition by team_alias, offering_key, person_key order by first_place) as spell
    from spell as s
),
known as (
    select m.review_month, n.team_alias, n.offering_key, n.person_key, n.spell, n.first_place, least(n.last_place, m.last_place) as last_place,
        t.assigned_date, t.routes, n.last_place >= m.last_place as is_open
    from numbered as n
    inner join month_drop as m on n.first_place <= m.last_place
    inner join told as t
        on t.team_alias = n.team_alias and t.offering_key = n.offering_key and t.person_key = n.person_key and t.place = least(n.last_place, m.last_place)
),
unassigned as (
    select d.place, h.team_alias, h.offering_key, h.person_key, h.unassigned_date
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where not h.is_assigned
),
-- A row of the first drop without the seat that says when: of this spell, not of one before it.
ended as (
    select k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell, max(u.unassigned_date) as unassigned_date
    from known as k
    inner join unassigned as u
        on u.team_alias = k.team_alias and u.offering_key = k.offering_key and u.person_key = k.person_key and u.place = k.last_place + 1
    left join drops as b on b.place = k.first_place - 1
    where not k.is_open and u.unassigned_date >= coalesce(k.assigned_date, {{ add_days('b.as_of', 1) }}, u.unassigned_date)
    group by k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell
)
select
    k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell,
    coalesce(k.assigned_date, {{ add_days('b.as_of', 1) }}) as from_not_before,
    coalesce(k.assigned_date, f.as_of) as from_not_after,
    case when not k.is_open then coalesce(e.unassigned_date, {{ add_days('l.as_of', 1) }}) end as to_not_before,
    case when not k.is_open then coalesce(e.unassigned_date, a.as_of) end as to_not_after,
    k.routes,
    f.drop_month as first_drop, l.drop_month as last_drop
from known as k
inner join drops as f on f.place = k.first_place
inner join drops as l on l.place = k.last_place
left join drops as b on b.place = k.first_place - 1
left join drops as a on a.place = k.last_place + 1
left join ended as e
    on e.review_month = k.review_month and e.team_alias = k.team_alias and e.offering_key = k.offering_key and e.person_key = k.person_key and e.spell = k.spell
