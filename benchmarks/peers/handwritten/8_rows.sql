-- Rows of use that a finding shows, and what is counted of rows; the findings themselves are in 9_findings.sql.
create or replace table token_use as
select person_of(k.who) as person, k.team, o.offering_key, k.feature, k.tokens, k.day, k.src from token as k
    inner join offering as o on o.name = k.offering_name;

-- Rows of use that a finding shows: by people who have left; by holders of nothing; of versions and features that a
-- rule looks at; of the one member of a collection that is used. An event has its key, or its row where it is a charge.
create or replace table after_leaving as
with gone as (
    select w.who, w.person, p.leave_date
    from who_person as w
    inner join person as p on p.person = w.person
    where not p.in_force and p.leave_date is not null
)
select g.person, o.offering_key, u.day, u.key, u.last_src
from (
    select r.who, k.offering_name, r.day, r.key, r.last_src
    from use_row as r inner join use_kind as k on k.kind = r.kind
    where r.from_drop <= horizon() and in_window(r.day)
    union all
    select r.who, k.offering_name, r.day, r.key, r.last_src
    from lrt_row as r inner join lrt_kind as k on k.kind = r.kind
    where holds(r.from_drop, r.until) and in_window(r.day)
    union all
    select hash(who), offering_name, day, null, src from token where in_window(day)
) as u
inner join gone as g on g.who = u.who and u.day > g.leave_date + 1
inner join offering as o on o.name = u.offering_name;

create or replace table perpetual as
select o.offering_key, case when lower(p.licence_kind) = 'network' then 'network'
    else 'perpetual' end as claim, max(release_of(p.version)) as release
from in_perpetual as p
inner join offering as o on o.name = p.offering_name
group by all;

-- What a kind of telemetry means this month.
create or replace table lrt_sense as
select k.kind, o.offering_key, team_of(k.team) as team, k.version, release_of(k.version) as release, k.claim,
    f.feature, f.required_offering_key, x.release as perpetual_release
from lrt_kind as k
inner join offering as o on o.name = k.offering_name
left join in_feature_requirements as f on f.feature = fold(k.feature) and f.valid_from <= as_of()
left join (select offering_key, max(release) as release from perpetual group by all) as x
    on x.offering_key = o.offering_key and k.claim in ('perpetual', 'network');
create or replace table wanted_row as
select p.person, s.team, s.offering_key, r.day, s.version, s.release, s.feature, s.required_offering_key, r.key,
    r.last_src, v.oldest_eligible, v.newest_covered, s.perpetual_release
from (
    from lrt_sense as s
    where feature is not null or release > perpetual_release or exists (select 1 from support as v
        where v.offering_key = s.offering_key and (s.release > v.newest_covered or s.release < v.oldest_eligible))
) as s
inner join lrt_row as r on r.kind = s.kind and holds(r.from_drop, r.until) and in_window(r.day)
inner join who_person as p on p.who = r.who
left join support as v on v.offering_key = s.offering_key and r.day between v.valid_from and v.valid_to
where s.feature is not null or s.release > v.newest_covered or s.release < v.oldest_eligible
    or s.release > s.perpetual_release;

-- Holders of a collection who used one member of it: found by their days, shown by their rows. The member is the
-- product named where it is one, else the offering.
create or replace table member_use as
with pair as (
    select u.person, s.offering_key as collection_key, min(coalesce(p.member_key, o.member_key)) as member_key
    from used as u
    inner join (select distinct person, offering_key from seat) as s on s.person = u.person
    left join member as p on p.collection_key = s.offering_key and p.member_key = u.product_key
    left join member as o on o.collection_key = s.offering_key and o.member_key = u.offering_key
    where has_days(u.days)
    group by all
    having count(distinct coalesce(p.member_key, o.member_key)) = 1
),
holder as (
    select w.who, p.* from pair as p inner join who_person as w on w.person = p.person
),
meaning as (
    select k.kind, o.offering_key, p.offering_key as product_key
    from (select kind, offering_name, product_name from use_kind union all select kind, offering_name, null
        from lrt_kind) as k
    inner join offering as o on o.name = k.offering_name
    left join offering as p on p.name = k.product_name
),
counted as (
    select m.kind, c.collection_key, coalesce(p.member_key, o.member_key) as member_key
    from meaning as m
    cross join (select distinct collection_key from member) as c
    left join member as p on p.collection_key = c.collection_key and p.member_key = m.product_key
    left join member as o on o.collection_key = c.collection_key and o.member_key = m.offering_key
    where p.member_key is not null or o.member_key is not null
)
select h.person, h.collection_key, h.member_key, u.key, u.last_src
from (
    select who, kind, key, last_src from use_row where from_drop <= horizon() and in_window(day)
    union all
    select who, kind, key, last_src from lrt_row where holds(from_drop, until) and in_window(day)
) as u
inner join holder as h on h.who = u.who
inner join counted as c on c.kind = u.kind and c.collection_key = h.collection_key
union all
select h.person, h.collection_key, h.member_key, null, t.src
from token as t
inner join offering as o on o.name = t.offering_name
left join renamed as r on r.who = t.who
inner join pair as h on h.person = coalesce(r.person, t.who)
inner join member as m on m.collection_key = h.collection_key and m.member_key = o.offering_key
where in_window(t.day);

-- The month's telemetry of those who held nothing for it on the day.
create or replace table unheld_row as
select p.person, s.team, s.offering_key, r.day, s.release, s.claim, r.key, r.last_src
from lrt_row as r
inner join lrt_sense as s on s.kind = r.kind
inner join who_person as p on p.who = r.who
where holds(r.from_drop, r.until) and r.day >= month_start() and r.day <= as_of()
    and not exists (select 1 from held_span as h where h.person = p.person and h.offering_key = s.offering_key
        and r.day between h.held_from and h.held_to);
create or replace table contractor_row as
select b.person, b.offering_key, r.day, r.key, r.last_src
from (select distinct person, offering_key from outsider inner join contractor using (person)) as b
inner join who_person as p on p.person = b.person
inner join lrt_sense as s on s.offering_key = b.offering_key
inner join lrt_row as r on r.who = p.who and r.kind = s.kind and holds(r.from_drop, r.until) and in_window(r.day);
create or replace table overlapping as
select * from overlap where holds(from_drop, until) and in_window(first_day) and in_window(second_day);
-- Devices in the ninety days before the cutoff, and the rows of those who have too many.
create or replace table many_devices as
with counted_under as (
    select person, offering_key, case when bool_or(held_through = offering_key) then offering_key
        else min(held_through) end as counted_under from held group by person, offering_key
),
recent as (
    select coalesce(t.counted_under, l.offering_key) as offering_key, l.offering_key as used_key, l.person, l.device
    from lrt_total as l
    left join counted_under as t on t.person = l.person and t.offering_key = l.offering_key
    where l.device is not null
        and has_days(l.days & days_ending(getvariable('cutoff'), param('LRT-04.days')::integer))
)
select r.offering_key, r.person, r.observed, e.key, e.last_src
from (
    select offering_key, person, days_by(device) as observed, list(distinct used_key) as used_keys
    from recent group by all having observed > param('LRT-04.devices')
) as r
inner join who_person as p on p.person = r.person
inner join lrt_row as e on e.who = p.who and holds(e.from_drop, e.until) and e.device is not null
    and e.day > getvariable('cutoff') - param('LRT-04.days')::integer and e.day <= getvariable('cutoff')
inner join lrt_sense as s on s.kind = e.kind and list_contains(r.used_keys, s.offering_key);
create or replace table late_shown as
select source, key, last_src
from late_row where holds(from_drop, until) and in_window(day)
qualify row_number() over (partition by source order by last_src) <= 20;

-- The row that tells an event: that of the last drop up to the horizon.
create or replace table earlier_row as
select key, max(src) as src
from telling
where drop_no <= horizon() and key in (
    select key
    from (
        select key, last_src from after_leaving union all select key, last_src from wanted_row
        union all select key, last_src from member_use union all select key, last_src from unheld_row
        union all select key, last_src from contractor_row union all select key, last_src from many_devices
        union all select first_key, first_src from overlapping
        union all select second_key, second_src from overlapping
        union all select key, last_src from late_shown
    )
    where last_src >= getvariable('first_later_src')
)
group by key;
create or replace macro row_of(k, last) as coalesce((select e.src from earlier_row as e where e.key = k), last);

create or replace table arrival as
select source, sum(lag_rows) as all_rows, min(late_by) filter (where up_to * 100 >= 95 * every) as p95,
    sum(lag_rows) filter (where late_by > param('LRT-09.hours') * 3600000000) as late_rows
from (
    select *, sum(lag_rows) over (partition by source order by late_by rows unbounded preceding) as up_to,
        sum(lag_rows) over (partition by source) as every
    from (
        select source, late_by, sum(lag_rows) as lag_rows from lag
        where holds(from_drop, until) and in_window(day) group by all
    )
)
group by source;
