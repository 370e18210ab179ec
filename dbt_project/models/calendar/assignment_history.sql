-- Grain: (review_month, team, offering, person, spell): how long a seat was held, as known at the review month. From one drop to the next only an interval is known;
-- where the portal gave the date both ends of the interval are that date. to_* are null while the seat is there.
with drops as (
    select f.drop as drop_month, {{ add_days(add_months("cast(f.drop || '-01' as date)", 1), -1) }} as as_of, row_number() over (order by f.drop) as place
    from {{ source('raw', 'file_register') }} as f
    where f.input in ('usage_report', 'users') and f.verdict = 'loaded' and f.drop <> 'reference'
    group by f.drop
),
seen as (
    select h.*, d.as_of, d.place,
        d.place - row_number() over (partition by h.team_alias, h.offering_key, h.person_key order by d.place) as island
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where h.is_assigned
),
spell as (
    select team_alias, offering_key, person_key, island, min(place) as first_place, max(place) as last_place, min(assigned_date) as assigned_date
    from seen
    group by team_alias, offering_key, person_key, island
),
numbered as (
    select s.*, row_number() over (partition by team_alias, offering_key, person_key order by first_place) as spell
    from spell as s
),
month_drop as (
    select m.review_month, max(d.place) as last_place
    from {{ ref('int_month') }} as m
    inner join drops as d on d.drop_month <= m.review_month
    group by m.review_month
),
known as (
    select m.review_month, n.team_alias, n.offering_key, n.person_key, n.spell, n.assigned_date, n.first_place, least(n.last_place, m.last_place) as last_place,
        n.last_place >= m.last_place as is_open
    from numbered as n
    inner join month_drop as m on n.first_place <= m.last_place
),
unassigned as (
    -- A row that says when: in the first drop without the seat.
    select d.place, h.team_alias, h.offering_key, h.person_key, max(h.unassigned_date) as unassigned_date
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where not h.is_assigned
    group by d.place, h.team_alias, h.offering_key, h.person_key
)
select
    k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell,
    case when k.assigned_date <= f.as_of then k.assigned_date else {{ add_days('b.as_of', 1) }} end as from_not_before,
    case when k.assigned_date <= f.as_of then k.assigned_date else f.as_of end as from_not_after,
    case when not k.is_open then coalesce(case when u.unassigned_date > l.as_of then u.unassigned_date end, {{ add_days('l.as_of', 1) }}) end as to_not_before,
    case when not k.is_open then coalesce(case when u.unassigned_date > l.as_of then u.unassigned_date end, a.as_of) end as to_not_after,
    s.routes,
    f.drop_month as first_drop, l.drop_month as last_drop
from known as k
inner join drops as f on f.place = k.first_place
inner join drops as l on l.place = k.last_place
left join drops as b on b.place = k.first_place - 1
left join drops as a on a.place = k.last_place + 1
left join seen as s on s.team_alias = k.team_alias and s.offering_key = k.offering_key and s.person_key = k.person_key and s.place = k.last_place
left join unassigned as u on u.team_alias = k.team_alias and u.offering_key = k.offering_key and u.person_key = k.person_key and u.place = k.last_place + 1
