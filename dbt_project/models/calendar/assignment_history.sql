-- Grain: (review_month, team, offering, person, spell): how long a seat was held, as the drops up to the review month
-- tell it: a later drop never changes an earlier month.
-- From one drop to the next only an interval is known; where the portal gave the date both ends of the interval are
-- that date, also where it lies after the end of the month and before the export. to_* are null while the seat is
-- there.
-- Only drops whose seats are whole stand for absence: another neither ends nor parts a spell.
with drops as (
    select d.*, row_number() over (order by d.drop_month) as place,
        cast(sum(case when d.is_whole then 1 else 0 end) over (order by d.drop_month) as bigint) as whole_place
    from (
        select f.drop as drop_month, {{ add_days(add_months("cast(f.drop || '-01' as date)", 1), -1) }} as as_of,
            bool_and(coalesce(w.is_complete, true)) as is_whole
        from {{ source('raw', 'file_register') }} as f
        left join {{ ref('int_drop_input') }} as w on w.drop = f.drop and w.input = f.input
        where f.input in ('usage_report', 'users') and f.verdict = 'loaded' and f.drop <> 'reference'
        group by f.drop
    ) as d
),
month_drop as (
    select m.review_month, max(d.place) as last_place, max(d.whole_place) as last_whole_place
    from {{ ref('int_month') }} as m
    inner join drops as d on d.drop_month <= m.drop_month
    group by m.review_month
),
-- Runs of drops that show the seat, without a whole drop among them that does not: what later drops show does not
-- change their number or their order.
sighting as (
    select h.team_alias, h.offering_key, h.person_key, h.assigned_date, h.routes, d.place, d.whole_place,
        d.whole_place - case when d.is_whole then 1 else 0 end
            - lag(d.whole_place) over (partition by h.team_alias, h.offering_key, h.person_key
                order by d.place) as drops_without
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where h.is_assigned
),
seen as (
    select s.*, sum(case when s.drops_without > 0 then 1
        else 0 end) over (partition by s.team_alias, s.offering_key, s.person_key
        order by s.place rows unbounded preceding) as island
    from sighting as s
),
told as (
    -- assigned_date: as the drops of the spell up to this one tell it. next_place: the next drop of the spell that
    -- shows the seat.
    select s.team_alias, s.offering_key, s.person_key, s.island, s.place, s.whole_place, s.routes,
        lead(s.place) over (partition by s.team_alias, s.offering_key, s.person_key, s.island
            order by s.place) as next_place,
        min(s.assigned_date) over (partition by s.team_alias, s.offering_key, s.person_key, s.island
            order by s.place rows unbounded preceding) as assigned_date
    from seen as s
),
spell as (
    select team_alias, offering_key, person_key, island, min(place) as first_place
    from seen
    group by team_alias, offering_key, person_key, island
),
numbered as (
    select s.*, row_number() over (partition by team_alias, offering_key, person_key order by first_place) as spell
    from spell as s
),
known as (
    select m.review_month, n.team_alias, n.offering_key, n.person_key, n.spell, n.first_place, t.place as last_place,
        t.assigned_date, t.routes, t.whole_place >= m.last_whole_place as is_open
    from numbered as n
    inner join month_drop as m on n.first_place <= m.last_place
    inner join told as t
        on t.team_alias = n.team_alias and t.offering_key = n.offering_key and t.person_key = n.person_key
            and t.island = n.island
        and t.place <= m.last_place and (t.next_place is null or t.next_place > m.last_place)
),
placed as (
    select k.*,
        (select max(d.place) from drops as d where d.is_whole and d.place < k.first_place) as place_before,
        (select min(d.place) from drops as d where d.is_whole and d.place > k.last_place) as place_after
    from known as k
),
unassigned as (
    select d.place, h.team_alias, h.offering_key, h.person_key, h.assigned_date, h.unassigned_date
    from {{ ref('int_seat_history') }} as h
    inner join drops as d on d.drop_month = h.review_month
    where not h.is_assigned
),
-- A row of the first drop without the seat that says when: of this spell, not of one before it. It may say since when,
-- too.
ended as (
    select k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell,
        max(u.unassigned_date) as unassigned_date,
        {{ greatest_by('u.assigned_date', 'u.unassigned_date', ties=true) }} as assigned_date
    from placed as k
    inner join unassigned as u
        on u.team_alias = k.team_alias and u.offering_key = k.offering_key and u.person_key = k.person_key
            and u.place = k.place_after
    left join drops as b on b.place = k.place_before
    where not k.is_open and u.unassigned_date >= coalesce(k.assigned_date, {{ add_days('b.as_of', 1) }},
        u.unassigned_date)
    group by k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell
)
select
    k.review_month, k.team_alias, k.offering_key, k.person_key, k.spell,
    coalesce(k.assigned_date, e.assigned_date, {{ add_days('b.as_of', 1) }}) as from_not_before,
    coalesce(k.assigned_date, e.assigned_date, least(f.as_of, coalesce(e.unassigned_date, f.as_of))) as from_not_after,
    case when not k.is_open then coalesce(e.unassigned_date, {{ add_days('l.as_of', 1) }}) end as to_not_before,
    case when not k.is_open then coalesce(e.unassigned_date, a.as_of) end as to_not_after,
    k.routes,
    f.drop_month as first_drop, l.drop_month as last_drop
from placed as k
inner join drops as f on f.place = k.first_place
inner join drops as l on l.place = k.last_place
left join drops as b on b.place = k.place_before
left join drops as a on a.place = k.place_after
left join ended as e using (review_month, team_alias, offering_key, person_key, spell)
