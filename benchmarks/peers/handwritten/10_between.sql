-- Rules that stand on the months before or on other findings: the history of seats, IDN-03, and what USE-10 matches.
-- A spell goes on where the seat was there in the month before.
create or replace table assignment_history as
select strftime(as_of(), '%Y-%m') as review_month, a.team as team_alias, a.offering_key, a.person as person_key,
    case when h.last_drop is null then 1 when h.last_drop = getvariable('month_before') then h.spell
        else h.spell + 1 end::bigint as spell,
    case when h.last_drop = getvariable('month_before') then h.from_not_before
        else a.assigned_date end as from_not_before,
    case when h.last_drop = getvariable('month_before') then h.from_not_after
        else coalesce(a.assigned_date, as_of()) end as from_not_after,
    null::date as to_not_before, null::date as to_not_after, a.routes,
    case when h.last_drop = getvariable('month_before') then h.first_drop else review_month end as first_drop,
    review_month as last_drop
from assignment as a
left join seat_history as h on h.team_alias = a.team and h.offering_key = a.offering_key and h.person_key = a.person;
delete from seat_history
where (team_alias, offering_key, person_key) in (select (team_alias, offering_key, person_key) from assignment_history);
insert into seat_history
select team_alias, offering_key, person_key, spell, from_not_before, from_not_after, first_drop, last_drop
from assignment_history;

-- Seats of people who left in the quarter, from the day they left to the drop without the seat.
insert into found by name
with leaver as (
    select p.person, p.leave_date, h.legal_entity
    from person as p
    inner join hr as h on h.src = p.hr_src
    where month(as_of()) % 3 = 0 and p.leave_date > last_day(as_of() - interval 3 month) and p.leave_date <= as_of()
),
outlived as (
    select l.legal_entity, s.src,
        least(coalesce(u.unassigned_date, as_of()), case when h.last_drop < strftime(as_of(), '%Y-%m')
            then last_day((h.last_drop || '-01')::date + interval 1 month) else as_of() end) - l.leave_date as days
    from seat_history as h
    inner join leaver as l on l.person = h.person_key
    left join (select team, offering_key, person, min(unassigned_date) as unassigned_date from report_row
        where not is_assigned and not is_flex group by all) as u
        on u.team = h.team_alias and u.offering_key = h.offering_key and u.person = h.person_key
        and u.unassigned_date >= l.leave_date
    left join (select team, offering_key, person, src from seat) as s
        on s.team = h.team_alias and s.offering_key = h.offering_key and s.person = h.person_key
    where coalesce(h.from_not_before, l.leave_date) <= l.leave_date
        and last_day((h.last_drop || '-01')::date + interval 1 month) >= l.leave_date
),
ranked as (
    select *, row_number() over (partition by legal_entity order by days) as place,
        count(*) over (partition by legal_entity) as seats
    from outlived
)
select 'IDN-03' as rule_id, coalesce(legal_entity, '(none)') || ' ' || year(as_of()) || '-Q'
    || month(as_of()) // 3 as scope, min(days) filter (where place * 100 >= 95 * seats) as observed,
    param('IDN-03.days') as threshold, count(*) filter (where days > param('IDN-03.days')) as excess,
    'medium' as severity, 'speed_up' as action, rows_of(case when days > param('IDN-03.days') then src end) as evidence,
    excess as evidence_count
from ranked
group by legal_entity
having bool_or(days > param('IDN-03.days'));

delete from invited_before;
insert into invited_before
select distinct team, offering_key, person from member_row
where status_folded in ('pending', 'invited') and offering_key is not null;

-- Seats that can be freed, longest unused first, and who pays most in tokens instead; the script matches them.
create or replace table freed as
select distinct f.offering_key, f.team, f.person, a.last_use, a.src
from found as f
inner join assignment as a on a.team = f.team and a.offering_key = f.offering_key and a.person = f.person
where f.rule_id in ('USE-01', 'USE-02', 'IDN-01', 'CON-01');
create or replace table receiver as
select f.offering_key, f.person, f.amount_now, t.team
from found as f
left join (
    select offering_key, person, team from token_use where in_window(day)
    group by offering_key, person, team
    qualify row_number() over (partition by offering_key, person order by sum(tokens) desc, team) = 1
) as t on t.offering_key = f.offering_key and t.person = f.person
where f.rule_id = 'USE-04';
