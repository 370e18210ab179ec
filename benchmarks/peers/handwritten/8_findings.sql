-- All findings of the month in one table: one branch per rule, the rest of the columns joined once at the end.
-- `evidence` is a list of src: at most 20 rows, the lowest.
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
inner join holder as h on h.who = hash(t.who)
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

create or replace table found as
with seat_rule as (
    select a.*, h.as_of_days, case when left_on is not null then greatest(0,
        as_of() - greatest(left_on, coalesce(assigned_date, left_on))) end as ghost_days
    from assignment as a, (select 0 as as_of_days) as h
),
ent_05 as (
    select p.*, a.day, a.left_then, greatest(0, p.assigned - a.left_then) - greatest(0, p.gap_team) as forced
    from (
        select f.team, f.offering_key, f.day, coalesce(sum(t.seat_quantity) filter (where f.day between t.start_date
            and t.end_ahead), 0) as left_then
        from (
            select distinct team, offering_key, end_ahead + 1 as day from active_subscription
            where counts and end_ahead < date '9999-12-30' and end_ahead + 1 > as_of() and end_ahead + 1 <= as_of()
                + param('ENT-05.horizon_days')::integer
        ) as f
        left join active_subscription as t on t.counts and t.team = f.team and t.offering_key = f.offering_key
        group by all
    ) as a
    inner join position as p on p.team = a.team and p.offering_key = a.offering_key
    where greatest(0, p.assigned - a.left_then) > greatest(0, p.gap_team)
    qualify row_number() over (partition by a.team, a.offering_key order by a.day) = 1
),
admin as (
    select team, person, role_folded, min(src) as src from member_row where is_admin group by all
),
approved as (
    select distinct team, person_of(lower(email)) as person, fold(role) as role_folded from in_approved_admins
        where valid_from <= as_of()
),
team_admin as (
    select u.team, count(distinct u.person) as persons, count(distinct u.person) filter (where u.is_admin) as admins,
        count(distinct u.person) filter (where u.is_admin and contains(u.role_folded, 'primary')) as primaries,
        count(distinct u.person) filter (where u.is_admin and contains(u.role_folded, 'primary')
            and p.ghost_reason is not null) as ghost_primaries,
        coalesce(min(distinct u.src, 20) filter (where u.is_admin), []) as evidence
    from member_row as u
    inner join person as p on p.person = u.person
    group by u.team
),
month_token as (
    select * from token_use where day >= month_start() and day <= as_of()
),
person_token as (
    select team, person, sum(tokens) as tokens, rows_of(src) as evidence, count(*) as n from month_token
        where tokens > 0 group by all
),
group_fact as (
    select r.team, r.group_name, r.offering_key, count(*) as members, rows_of(g.src) as evidence,
        count(*) filter (where r.intended is not null and p.hr_src is not null and s.hr_src is null) as outside
    from group_rule as r
    inner join in_group as g on g.team = r.team and g.group_name = r.group_name
    inner join person as p on p.person = g.person
    left join satisfied as s on s.intended = r.intended and s.hr_src = p.hr_src
    group by all
)
select 'ENT-01' as rule_id, team, offering_key, null::varchar as person, null::varchar as scope,
    assigned::double as observed, entitled::double as threshold,
    gap_team::double as excess, money(gap_team * price) as exposure, currency, price_basis,
    case when gap_org > 0 and (gap_org >= param('ENT-01.critical_seats')
        or gap_org >= param('ENT-01.critical_share') * org_entitled) then 'critical' else 'high' end as severity,
    case when gap_org <= 0 then 'move' else 'unassign_or_buy' end as action, evidence, len(evidence) as evidence_count,
        null::varchar as route, 'high' as confidence,
    null::decimal(18, 2) as amount_now, null::decimal(18, 2) as amount_alternative, null::double as break_even,
        null::bigint as days_12m, null::double as months_observed,
    greatest(0, gap_org)::bigint as seats_to_buy, case when gap_org <= 0 then 'move'
        else 'unassign_or_buy' end as cure, null::varchar as detail
from position
where ent_01
union all by name
select 'ENT-02' as rule_id, team, offering_key, assigned::double as observed, entitled::double as threshold,
    entitled - assigned - param('ENT-02.min_stock') as excess,
    money((entitled - assigned - param('ENT-02.min_stock')) * price) as exposure, currency, price_basis,
    case when first_end - as_of() <= param('ENT-02.notice_days') then 'high'
        else 'medium' end as severity, 'reduce_at_renewal' as action, evidence, len(evidence) as evidence_count,
    exposure as amount_now, case when price is not null then 0 end as amount_alternative,
    entitled || ' seats are entitled and ' || assigned || ' assigned: ' || (entitled - assigned)
        || ' stand unused.' as detail
from position
where entitled - assigned - param('ENT-02.min_stock') > greatest(1, param('ENT-02.share') * entitled)
union all by name
select 'ENT-04' as rule_id, team, offering_key, assigned as observed, entitled as threshold, gap_team as excess,
    money(gap_team * price) as exposure, currency, price_basis,
    case when as_of() - ended_on <= param('ENT-04.grace_days') then 'medium'
        else 'critical' end as severity, 'unassign_or_renew' as action, evidence, len(evidence) as evidence_count
from position
where ent_04
union all by name
select 'ENT-05' as rule_id, team, offering_key, day::varchar as scope, assigned as observed, left_then as threshold,
    forced as excess, money(forced * price) as exposure, currency, price_basis,
    case when day - as_of() < param('ENT-05.near_days') then 'high'
        else 'medium' end as severity, 'renew_or_unassign' as action, evidence, len(evidence) as evidence_count
from ent_05
union all by name
select 'ENT-12' as rule_id, offering_key, 1 as observed, 0 as threshold, 1 as excess, 'high' as severity,
    'add_alias' as action, rows_of(src) as evidence, sum(name_rows) as evidence_count
from name
where not is_mapped
group by offering_key
union all by name
select r.rule_id, a.team, a.offering_key, a.person, r.scope, r.observed, r.threshold,
    coalesce(r.excess, r.observed - r.threshold) as excess, r.exposure,
    a.currency, a.price_basis, r.severity, r.action, a.evidence, len(a.evidence) as evidence_count, a.routes as route,
        a.days_12m
from seat_rule as a, lateral (
    values
        ('USE-01', a.days_inactive >= param('USE-01.days')
            and (a.assigned_date is null or as_of() - a.assigned_date >= param('USE-01.min_assigned_days')), null,
            a.days_inactive::double, param('USE-01.days')::double, null::double,
            money(a.price), case when a.ent_01 then 'high' else 'medium' end, case
                when a.hr_status = 'on_leave' then 'hold' when a.by_group then 'edit_group' else 'unassign' end),
        ('USE-02', a.last_use is null and as_of() - a.assigned_date >= param('USE-02.days'), null,
            (as_of() - a.assigned_date)::double, param('USE-02.days')::double, null,
            money(a.price), 'medium', case when a.by_group then 'edit_group' else 'unassign' end),
        ('IDN-01', a.ghost_reason is not null, a.ghost_reason, a.ghost_days::double, 0, a.ghost_days::double,
            money_div(a.price, a.ghost_days, 365),
            case when a.ghost_days > param('IDN-01.critical_days') or a.ent_01 then 'critical' else 'high' end,
            case when a.by_group then 'edit_group' when a.ghost_reason in ('disabled', 'absent') then 'edit_directory'
                else 'unassign' end),
        ('IDN-07', a.route_count >= 2, null, a.route_count, 1, null, null, 'low', 'edit_group'),
        ('IDN-09', not a.is_hash and a.domain_kind is null, null, 1, 0, null, money(a.price), 'high', 'review'),
        ('CON-01', a.is_contractor and a.contractor_end < as_of(), null, (as_of() - a.contractor_end)::double, 0, null,
            money(a.price), 'critical', case when a.by_group then 'edit_group' else 'unassign' end),
        ('CON-02', not a.is_hash and a.domain_kind is null and not a.is_contractor, null, 1, 0, null, money(a.price),
            'high', 'review'),
        ('CON-04', not a.is_hash and a.hr_src is null
            and len(list_filter(string_split(getvariable('parameter')['CON-04.pattern'], ';'), lambda x: x <> ''
            and starts_with(a.local_part, x))) > 0,
            null, 1, 0, null, money(a.price), 'high', 'review')
) as r (rule_id, holds, scope, observed, threshold, excess, exposure, severity, action)
where r.holds
union all by name
select 'USE-03' as rule_id, a.team, a.offering_key, a.person,
    money_div(t.amount, c.tokens * 365, k.days_observed) as observed, a.price as threshold,
    a.price - observed as excess,
    money(a.price - observed) as exposure, a.currency, a.price_basis, 'low' as severity, 'to_flex' as action,
        a.evidence, len(a.evidence) as evidence_count, a.routes as route,
    a.price as amount_now, observed as amount_alternative,
        a.price::double * c.days / nullif(c.tokens::double * t.amount::double, 0) as break_even, a.days_12m,
        k.months_observed,
    a.days_12m || ' days of use in ' || k.days_observed || ' days observed would cost ' || observed
        || ' a year on Flex against ' || a.price || ' for the seat; break-even at '
        || round(break_even, 2) || ' days a year, ' || round(break_even / 12, 2) || ' a month.' as detail
from assignment as a
inner join flex_cost as c on c.person = a.person and c.offering_key = a.offering_key
cross join clock as k
inner join token_price as t on t.contract_number = ''
where a.days_12m > 0 and coalesce(c.without_rate, 0) = 0 and k.days_observed >= param('USE-03.min_observed_days')
    and c.tokens * t.amount::decimal(12, 4) * 365 < a.price * param('USE-03.factor')::decimal(9, 6) * k.days_observed
union all by name
select 'USE-04' as rule_id, u.offering_key, u.person, money_div(t.amount, u.tokens * 365,
    k.token_days_observed) as observed, p.price as threshold, observed - p.price as excess,
    money(observed - p.price) as exposure, p.currency, p.price_basis, 'medium' as severity, 'to_seat' as action,
        u.evidence, u.n as evidence_count,
    observed as amount_now, p.price as amount_alternative, u.days as days_12m,
        k.token_months_observed as months_observed,
    u.tokens || ' tokens in ' || k.token_days_observed || ' days observed cost ' || observed || ' a year; a seat costs '
        || p.price || '.' as detail
from (
    select person, offering_key, sum(tokens)::decimal(18, 4) as tokens, days_by(day) as days, rows_of(src) as evidence,
        count(*) as n
    from token_use as u
    where in_window(day) and not (starts_with(person, 'hash:') and team in (from hidden_team))
        and not exists (select 1 from held as h where h.person = u.person and h.offering_key = u.offering_key)
    group by all
) as u
inner join offering_price as p on p.offering_key = u.offering_key
cross join clock as k
inner join token_price as t on t.contract_number = ''
where k.token_days_observed >= param('USE-04.min_observed_days')
    and u.tokens * t.amount::decimal(12, 4) * 365 > p.price * param('USE-04.factor')::decimal(9,
    6) * k.token_days_observed
union all by name
select 'USE-06' as rule_id, team, offering_key, person, member_price as observed, price as threshold,
    price - member_price as excess, money(price - member_price) as exposure, currency, price_basis,
    'low' as severity, 'to_single' as action, evidence, evidence_count, routes as route, days_12m, price as amount_now,
        member_price as amount_alternative,
    'Of the collection only ' || member_key || ' was used in twelve months; alone it costs '
        || member_price::decimal(18, 2) || ' against ' || price::decimal(18, 2) || '.' as detail
from (
    select a.* exclude (evidence), m.evidence, m.evidence_count, m.member_key,
        coalesce(p.price, o.price) as member_price
    from (
        select person, collection_key, member_key, rows_of(row_of(key, last_src)) as evidence,
            count(*) as evidence_count
        from member_use group by person, collection_key, member_key
    ) as m
    inner join assignment as a on a.person = m.person and a.offering_key = m.collection_key
    left join position as p on p.team = a.team and p.offering_key = m.member_key
    left join offering_price as o on o.offering_key = m.member_key
)
where member_price::decimal(18, 4) < price::decimal(18, 4) * param('USE-06.factor')::decimal(9, 6)
union all by name
select 'USE-07' as rule_id, a.team, a.offering_key, a.person, d.collection_key as scope, 2 as observed, 1 as threshold,
    1 as excess, money(a.price) as exposure, a.currency, a.price_basis,
    'medium' as severity, case when a.by_group then 'edit_group'
        else 'unassign' end as action, a.evidence, len(a.evidence) as evidence_count, a.routes as route, a.days_12m,
    a.price as amount_now, case when a.price is not null then 0 end as amount_alternative,
    'Holds ' || d.collection_key || ', which includes ' || a.offering_key || ', and a seat on ' || a.offering_key
        || ' as well.' as detail
from doubled as d
inner join assignment as a on a.team = d.team and a.offering_key = d.offering_key and a.person = d.person
union all by name
select 'USE-08' as rule_id, offering_key, person, count(*) as observed, 1 as threshold, count(*) - 1 as excess,
    money((count(*) - 1) * min(price)) as exposure, arg_min(currency, price) as currency,
    coalesce(arg_min(price_basis, price), 'none') as price_basis, 'medium' as severity, 'unassign' as action,
        rows_of(src) as evidence, len(rows_of(src)) as evidence_count, max(days_12m) as days_12m,
    money(count(*) * min(price)) as amount_now, money(min(price)) as amount_alternative,
    'Holds the offering in ' || count(*) || ' teams: ' || string_agg(team, ', ' order by team) || '.' as detail
from assignment
group by offering_key, person
having count(*) > 1
union all by name
select 'IDN-02' as rule_id, offering_key, person, days_by(day) as observed, 0 as threshold, days_by(day) as excess,
    'critical' as severity, 'investigate' as action, rows_of(row_of(key, last_src)) as evidence,
    count(*) as evidence_count
from after_leaving
group by offering_key, person
union all by name
select 'IDN-04' as rule_id, team, offering_key, group_name as scope, outside as observed,
    param('IDN-04.min') as threshold, outside as excess, 'high' as severity, 'narrow' as action, evidence,
    members as evidence_count
from group_fact
where outside > 0 and (outside >= param('IDN-04.min') or outside >= param('IDN-04.share') * members)
union all by name
select 'IDN-10' as rule_id, team_of(team) as team, 1 as observed, 0 as threshold, 1 as excess, 'high' as severity,
    'fix_sync' as action, rows_of(file_no('sso') + rn) as evidence, count(*) as evidence_count
from (select *, row_number() over () - 1 as rn from in_sso)
where sso_enabled and not directory_sync_enabled and team_of(team) in (select s.team from seat as s)
group by team_of(team)
union all by name
select 'IDN-11' as rule_id, u.team, u.offering_key, u.person, 1 as observed, 0 as threshold, 1 as excess,
    money(coalesce(any_value(p.price), any_value(o.price))) as exposure,
    coalesce(any_value(p.currency), any_value(o.currency)) as currency,
        coalesce(any_value(case when p.price is not null then p.price_basis end), any_value(o.price_basis),
        'none') as price_basis,
    'low' as severity, 'low' as confidence, 'unassign' as action, rows_of(u.src) as evidence, count(*) as evidence_count
from member_row as u
left join position as p on p.team = u.team and p.offering_key = u.offering_key
left join offering_price as o on o.offering_key = u.offering_key
where u.status_folded in ('pending', 'invited') and u.offering_key is not null
group by u.team, u.offering_key, u.person
union all by name
select 'ADM-01' as rule_id, team, admins as observed, case
    when admins > param('ADM-01.max_admins') then param('ADM-01.max_admins')
    else param('ADM-01.max_share') * persons end as threshold,
    observed - threshold as excess, 'medium' as severity, 'remove' as action, evidence, len(evidence) as evidence_count
from team_admin
where admins > param('ADM-01.max_admins') or (persons >= param('ADM-01.min_persons')
    and admins > param('ADM-01.max_share') * persons)
union all by name
select case when p.ghost_reason is not null and r.n = 3 then 'ADM-03'
    else 'ADM-04' end as rule_id, a.team, a.person, 1 as observed, 0 as threshold, 1 as excess, 'critical' as severity,
    'remove' as action,
    rows_of(a.src) as evidence, len(rows_of(a.src)) as evidence_count
from admin as a
inner join person as p on p.person = a.person
inner join (values (3), (4)) as r (n) on (r.n = 3 and p.ghost_reason is not null)
    or (r.n = 4 and not p.is_hash and p.domain_kind is null)
group by r.n, a.team, a.person, p.ghost_reason
union all by name
select 'ADM-05' as rule_id, team, person, scope, days_by(role_folded) as observed, 0 as threshold, observed as excess,
    'high' as severity, case when scope = 'missing' then 'appoint' else 'approve' end as action,
    coalesce(rows_of(src), []) as evidence, len(coalesce(rows_of(src), [])) as evidence_count
from (
    select team, person, 'unapproved' as scope, role_folded, src from admin as a
    where not exists (select 1 from approved as p where p.person = a.person and p.role_folded = a.role_folded
        and (p.team is null or p.team = a.team))
    union all
    select team, person, 'missing', role_folded, null from approved as p
    where not exists (select 1 from admin as a where a.person = p.person and a.role_folded = p.role_folded
        and (p.team is null or p.team = a.team))
)
group by team, person, scope
union all by name
select 'ADM-07' as rule_id, team, admins as observed, 2 as threshold, greatest(0, 2 - admins) as excess,
    'high' as severity, 'appoint' as action, evidence, len(evidence) as evidence_count
from team_admin
where admins < 2 or (primaries > 0 and primaries = ghost_primaries)
union all by name
select 'CON-03' as rule_id, offering_key, person, days_by(day) as observed, 0 as threshold, observed as excess,
    'critical' as severity, 'review' as action, rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from contractor_row
group by offering_key, person
union all by name
select 'FLX-01' as rule_id, team, term_end - exhaustion_date as observed, 0 as threshold, shortfall as excess,
    money(shortfall * token_price) as exposure, currency,
    case when token_price is not null then 'contract' else 'none' end as price_basis, case
        when term_end - exhaustion_date > param('FLX-01.near_days') then 'critical' else 'high' end as severity,
    'buy_tokens' as action, evidence, len(evidence) as evidence_count
from pool
where flx_01
union all by name
select 'FLX-02' as rule_id, team_alias as team, trim(pack_id) as scope, sum(left_at_end) as observed, 0 as threshold,
    observed as excess, 'high' as severity, 'use_or_move' as action,
    rows_of(src) as evidence, len(rows_of(src)) as evidence_count
from pack_use
where left_at_end > 0 and end_date >= as_of() and end_date - as_of() <= param('FLX-02.days')
group by team_alias, trim(pack_id)
union all by name
select 'FLX-03' as rule_id, team, balance as observed, low_balance as threshold, low_balance - balance as excess,
    'high' as severity, 'buy_tokens' as action, evidence, len(evidence) as evidence_count
from pool
where flx_03
union all by name
select 'FLX-04' as rule_id, b.team, b.balance_date::varchar as scope, b.stated as observed,
    coalesce(l.balance, 0) as threshold, observed - threshold as excess, 'high' as severity, 'ask_vendor' as action,
    b.evidence, len(b.evidence) as evidence_count
from (
    select team_of(team) as team, balance_date, sum(stated)::decimal(18, 2) as stated,
        rows_of(file_no('balance') + rn) as evidence
    from (select *, row_number() over () - 1 as rn from in_balance)
    where balance_date <= as_of()
    group by all
) as b
left join (
    select b.team, b.balance_date, round(sum(b.tokens - b.taken), 2)::decimal(18, 2) as balance
    from (
        select team_of(s.team) as team, s.balance_date, p.place, p.tokens, coalesce(sum(l.taken), 0) as taken
        from (select distinct team, balance_date from in_balance) as s
        inner join pack_place as p on p.team_alias = team_of(s.team) and s.balance_date between p.start_date
            and p.end_date
        left join ledger as l on l.team = p.team_alias and l.place = p.place and l.day <= s.balance_date
        group by all
    ) as b
    group by all
) as l on l.team = b.team and l.balance_date = b.balance_date
where b.stated <> coalesce(l.balance, 0)
union all by name
select 'FLX-05' as rule_id, u.team, u.offering_key, u.person, sum(u.tokens) as observed,
    max(r.tokens_per_day) as threshold, sum(u.tokens % r.tokens_per_day) as excess, 'medium' as severity,
    'ask_vendor' as action, rows_of(u.src) as evidence, count(*) as evidence_count
from month_token as u
inner join rate as r on r.offering_key = u.offering_key and u.day between r.valid_from and r.valid_to
    and r.tokens_per_day > 0
where u.feature is null and u.tokens > 0 and u.tokens % r.tokens_per_day <> 0
group by u.team, u.offering_key, u.person
union all by name
select 'FLX-06' as rule_id, u.team, u.offering_key, u.person, sum(u.tokens) as observed, 0 as threshold,
    observed as excess, 'high' as severity, 'ask_vendor' as action, rows_of(u.src) as evidence,
    count(*) as evidence_count
from month_token as u
where u.feature is null and u.tokens > 0 and u.person is not null
    and exists (select 1 from held_span as h where h.person = u.person and h.offering_key = u.offering_key
        and u.day between h.held_from and h.held_to)
group by u.team, u.offering_key, u.person
union all by name
select 'FLX-09' as rule_id, team, person, p.tokens::double / o.tokens::double as observed,
    param('FLX-09.share') as threshold, observed - threshold as excess, 'info' as severity, 'review' as action,
    p.evidence, p.n as evidence_count
from person_token as p
inner join (select team, sum(tokens) as tokens, count(person) as persons
    from person_token group by all) as o using (team)
where p.person is not null and o.persons >= param('FLX-09.min_persons') and p.tokens > param('FLX-09.share') * o.tokens
union all by name
select 'LRT-01' as rule_id, offering_key, person, trim(version) as scope, max(release) as observed,
    max(greatest(case when release > newest_covered then newest_covered end, case
        when release > perpetual_release then perpetual_release end)) as threshold, observed - threshold as excess,
    'critical' as severity, 'remove_version' as action, rows_of(row_of(key, last_src)) as evidence,
    count(*) as evidence_count
from wanted_row
where release > newest_covered or release > perpetual_release
group by offering_key, person, trim(version)
union all by name
select 'LRT-02' as rule_id, offering_key, person, trim(version) as scope, max(release) as observed,
    min(oldest_eligible) as threshold, threshold - observed as excess, 'low' as severity, 'upgrade' as action,
    rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from wanted_row
where release < oldest_eligible
group by offering_key, person, trim(version)
union all by name
select 'LRT-03' as rule_id, required_offering_key as offering_key, person, feature as scope, days_by(day) as observed,
    0 as threshold, observed as excess, 'high' as severity, 'buy_or_stop' as action,
    rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from wanted_row as l
where feature is not null and not (starts_with(person, 'hash:') and team in (from hidden_team))
    and not exists (select 1 from held as h where h.person = l.person and h.offering_key = l.required_offering_key)
    and not exists (select 1 from token_use as t where t.tokens > 0 and t.person = l.person and t.day = l.day
        and t.offering_key = l.required_offering_key)
    and not exists (select 1 from token_use as t where t.tokens > 0 and t.person = l.person and t.day = l.day
        and t.feature = l.feature)
group by required_offering_key, person, feature
union all by name
select 'LRT-04' as rule_id, offering_key, person, observed, param('LRT-04.devices') as threshold,
    observed - threshold as excess, 'high' as severity, 'review' as action,
    rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from many_devices
group by offering_key, person, observed
union all by name
select 'LRT-05' as rule_id, person, sum(pairs) as observed, 0 as threshold, sum(pairs) as excess,
    'critical' as severity, 'review' as action, rows_of(src) as evidence,
    days_by(src) as evidence_count, sum(pairs) || ' pairs of sessions overlap on different devices.' as detail
from (
    select person, row_of(first_key, first_src) as src, 1 as pairs from overlapping
    union all
    select person, row_of(second_key, second_src), 0 from overlapping
)
group by person
union all by name
select 'LRT-09' as rule_id, source as scope, p95::double / 3600000000 as observed,
    param('LRT-09.hours')::double as threshold, late_rows as excess, 'info' as severity, 'review' as action,
    s.evidence, late_rows as evidence_count, late_rows || ' of ' || all_rows || ' rows arrived late.' as detail
from arrival
left join (select source, rows_of(row_of(key, last_src)) as evidence from late_shown group by source) as s
    using (source)
where late_rows > 0
union all by name
select 'LRT-07' as rule_id, l.offering_key, l.person, days_by(l.day) as observed, 0 as threshold, observed as excess,
    money(any_value(p.price)) as exposure, any_value(p.currency) as currency,
    coalesce(any_value(p.price_basis), 'none') as price_basis, 'critical' as severity, 'assign_or_stop' as action,
    rows_of(row_of(l.key, l.last_src)) as evidence, count(*) as evidence_count
from unheld_row as l
left join perpetual as x on x.offering_key = l.offering_key and x.claim = l.claim
left join offering_price as p on p.offering_key = l.offering_key
where not (x.offering_key is not null and (l.release is null or coalesce(x.release >= l.release, false)))
    and not (starts_with(l.person, 'hash:') and l.team in (from hidden_team))
    and not exists (select 1 from token_use as t where t.tokens > 0 and t.person = l.person and t.day = l.day
        and t.offering_key = l.offering_key)
group by l.offering_key, l.person
union all by name
select 'LRT-08' as rule_id, offering_key, only_one::double / either as observed, param('LRT-08.share') as threshold,
    only_one as excess, 'medium' as severity, 'reconcile' as action, [] as evidence, 0 as evidence_count
from (
    select offering_key, count(*) as either, count(*) filter (where l.seen is null or s.seen is null) as only_one
    from (select distinct offering_key, person, 1 as seen from lrt_use where has_days(days) and not left_out) as l
    full join (
        select distinct o.offering_key, person_of(s.who) as person, 1 as seen
        from sam_told as s
        inner join offering as o on o.name = s.offering_name
        where s.drop_no <= horizon() and in_window(s.last_used)
    ) as s using (offering_key, person)
    group by offering_key
)
where only_one > param('LRT-08.share') * either;
