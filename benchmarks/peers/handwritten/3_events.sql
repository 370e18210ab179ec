-- Once, after all drops: each event once, with the drops between which it holds, and the sets of days made of them.
-- A drop whose exports tell an event again replaces it. Where all tellings are equal only the row of evidence differs:
-- last_src is that of the last drop. A key of use holds all that counts, so its tellings are equal.
create table use_row as
select key, who, kind, day, drop_no as from_drop, src as last_src from use_told where not getvariable('several_drops')
union all
select key, any_value(who), any_value(kind), any_value(day), min(drop_no), max(src)
from use_told where getvariable('several_drops') group by key;

create table lrt_row as
with told as (
    select *, hash(who, kind, device, event_at, late_by, minutes) as content from lrt_told
        where getvariable('several_drops')
),
once as (
    select key, any_value(who) as who, any_value(kind) as kind, any_value(device) as device, any_value(day) as day,
        any_value(event_at) as event_at, any_value(late_by) as late_by, any_value(minutes) as minutes,
        min(drop_no) as from_drop, 99::utinyint as until, max(src) as last_src, min(content) = max(content) as is_same
    from told
    group by key
)
select key, who, kind, device, day, event_at, late_by, minutes, drop_no as from_drop, 99::utinyint as until,
    src as last_src
from lrt_told where not getvariable('several_drops')
union all
select * exclude (is_same) from once where is_same
union all
select key, who, kind, device, day, event_at, late_by, minutes, drop_no,
    coalesce(min(drop_no) over (partition by key order by drop_no range between 1 following and unbounded following),
        99)::utinyint, src
from told where key in (select key from once where not is_same);

create table token_row as
select *, coalesce(min(drop_no) over (partition by team, offering_name, feature, who, day order by drop_no
    range between 1 following and unbounded following), 99)::utinyint as until
from token_told;

-- One drop has no other telling; the rows of evidence of the others are looked up where a finding shows one.
create table telling as
select key, drop_no, src from use_told where getvariable('several_drops')
union all
select key, drop_no, src from lrt_told where getvariable('several_drops');
drop table use_told;
drop table lrt_told;

create table use_days as
select who, kind, from_drop, days_of(day) as days,
    max(day) filter (where day_bit(day) >= getvariable('bits')) as before
from use_row
group by who, kind, from_drop;
create table lrt_days as
select r.who, k.offering_name, k.team, k.has_claim, r.device, r.from_drop, r.until, days_of(r.day) as days,
    max(r.day) filter (where day_bit(r.day) >= getvariable('bits')) as before
from lrt_row as r
inner join (select *, coalesce(claim in ('perpetual', 'network'), false) as has_claim from lrt_kind) as k using (kind)
group by all;
create table event_clock as
select 'usage' as kind, from_drop, 99::utinyint as until, min(day) as first, max(day) as last from use_row group by all
union all
select 'lrt', from_drop, until, min(day), max(day) from lrt_row group by all
union all
select 'token', drop_no, until, min(day), max(day) from token_row group by all;

-- Sessions of one person that overlap on different devices: the later starts on a day that the earlier touches.
-- Persons are those of the last drop.
create table overlap as
with session as (
    select coalesce(a.email, w.text) as person, r.* exclude (who, kind, late_by),
        r.event_at + minutes(r.minutes) as ends_at
    from lrt_row as r
    inner join who as w on w.who = r.who
    left join in_person_aliases as a on a.alias_email = w.text
    where r.device is not null and r.minutes > param('LRT-05.minutes')
),
touched as (
    select *, unnest(generate_series(day::timestamp, least(ends_at::date, getvariable('last_day'))::timestamp,
        interval 1 day))::date as touched_day from session
)
select a.person, a.day as first_day, b.day as second_day, a.key as first_key, a.last_src as first_src,
    b.key as second_key, b.last_src as second_src, greatest(a.from_drop, b.from_drop) as from_drop,
    least(a.until, b.until) as until
from touched as a
inner join session as b on b.person = a.person and b.day = a.touched_day
    and (b.event_at > a.event_at or (b.event_at = a.event_at and b.last_src > a.last_src))
where b.device <> a.device and least(a.ends_at, b.ends_at) > b.event_at + minutes(param('LRT-05.minutes'))
    and greatest(a.from_drop, b.from_drop) < least(a.until, b.until);

-- How late rows arrived, counted per source, lag and day; the rows themselves only where they are late.
create table lag as
select coalesce(nullif(k.source, ''), '(none)') as source, r.late_by, r.day, r.from_drop, r.until, count(*) as lag_rows
from lrt_row as r inner join lrt_kind as k using (kind)
where r.late_by is not null
group by all;
create table late_row as
select coalesce(nullif(k.source, ''), '(none)') as source, r.day, r.key, r.last_src, r.from_drop, r.until
from lrt_row as r inner join lrt_kind as k using (kind)
where r.late_by > param('LRT-09.hours') * 3600000000;
