-- All findings of the month in one table: one branch per rule, the rest of the columns joined once at the end.
-- `evidence` is a list of src: at most 20 rows, the lowest.
-- A statement per rule: one over all of them takes longer to plan than to run.
create or replace table seat_rule as
select *, case when left_on is not null then greatest(0,
    as_of() - greatest(left_on, coalesce(assigned_date, left_on))) end as ghost_days
from assignment;
create or replace table ent_05 as
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
qualify row_number() over (partition by a.team, a.offering_key order by a.day) = 1;
create or replace table admin as
select team, person, role_folded, min(src) as src from member_row where is_admin group by all;
create or replace table approved as
select distinct team, person_of(lower(email)) as person, fold(role) as role_folded from in_approved_admins
    where valid_from <= as_of();
create or replace table team_admin as
select u.team, count(distinct u.person) as persons, count(distinct u.person) filter (where u.is_admin) as admins,
    count(distinct u.person) filter (where u.is_admin and contains(u.role_folded, 'primary')) as primaries,
    count(distinct u.person) filter (where u.is_admin and contains(u.role_folded, 'primary')
        and p.ghost_reason is not null) as ghost_primaries,
    coalesce(min(distinct u.src, 20) filter (where u.is_admin), []) as evidence
from member_row as u
inner join person as p on p.person = u.person
group by u.team;
create or replace table month_token as
select * from token_use where day >= month_start() and day <= as_of();
create or replace table token_total as
select team, day, (round(sum(tokens), 2) * 100)::double as hundredths, rows_of(src) as evidence, count(*) as n
from token_use where day >= month_start() - 28 and day <= as_of()
group by team, day
having sum(tokens) > 0;
create or replace table person_token as
select team, person, sum(tokens) as tokens, rows_of(src) as evidence, count(*) as n from month_token
    where tokens > 0 group by all;
create or replace table recent_use as
select distinct person, offering_key
from (
    select person, offering_key, days from used
    where offering_key not in (select collection_key from member)
    union all
    select person, offering_key, days from held_use where offering_key in (select collection_key from member)
)
where has_days(days & days_ending(getvariable('cutoff'), param('IDN-06.days')::integer));
create or replace table group_fact as
select r.team, r.group_name, r.offering_key, count(*) as members, rows_of(g.src) as evidence,
    count(u.person) as active,
    count(*) filter (where r.intended is not null and p.hr_src is not null and s.hr_src is null) as outside
from group_rule as r
inner join in_group as g on g.team = r.team and g.group_name = r.group_name
inner join person as p on p.person = g.person
left join satisfied as s on s.intended = r.intended and s.hr_src = p.hr_src
left join recent_use as u on u.person = g.person and u.offering_key = r.offering_key
group by all;
create or replace table found as
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
where ent_01;
insert into found by name
select 'ENT-02' as rule_id, team, offering_key, assigned::double as observed, entitled::double as threshold,
    entitled - assigned - param('ENT-02.min_stock') as excess,
    money((entitled - assigned - param('ENT-02.min_stock')) * price) as exposure, currency, price_basis,
    case when first_end - as_of() <= param('ENT-02.notice_days') then 'high'
        else 'medium' end as severity, 'reduce_at_renewal' as action, evidence, len(evidence) as evidence_count,
    exposure as amount_now, case when price is not null then 0 end as amount_alternative,
    entitled || ' seats are entitled and ' || assigned || ' assigned: ' || (entitled - assigned)
        || ' stand unused.' as detail
from position
where entitled - assigned - param('ENT-02.min_stock') > greatest(1, param('ENT-02.share') * entitled);
insert into found by name
select 'ENT-04' as rule_id, team, offering_key, assigned as observed, entitled as threshold, gap_team as excess,
    money(gap_team * price) as exposure, currency, price_basis,
    case when as_of() - ended_on <= param('ENT-04.grace_days') then 'medium'
        else 'critical' end as severity, 'unassign_or_renew' as action, evidence, len(evidence) as evidence_count
from position
where ent_04;
insert into found by name
select 'ENT-05' as rule_id, team, offering_key, day::varchar as scope, assigned as observed, left_then as threshold,
    forced as excess, money(forced * price) as exposure, currency, price_basis,
    case when day - as_of() < param('ENT-05.near_days') then 'high'
        else 'medium' end as severity, 'renew_or_unassign' as action, evidence, len(evidence) as evidence_count
from ent_05;
insert into found by name
select 'ENT-12' as rule_id, offering_key, 1 as observed, 0 as threshold, 1 as excess,
    case when bool_or(input in ('subscriptions', 'users', 'usage_report')) then 'high'
        when bool_or(input = 'perpetual_licences') then 'medium' else 'info' end as severity,
    'add_alias' as action, rows_of(src) as evidence, sum(name_rows) as evidence_count
from name
where not is_mapped and name_rows > 0
group by offering_key;
insert into found by name
select r.rule_id, a.team, a.offering_key, a.person, r.scope, r.observed, r.threshold,
    coalesce(r.excess, r.observed - r.threshold) as excess, r.exposure,
    a.currency, a.price_basis, r.severity, case
        when r.rule_id <> 'IDN-01' then 'high'
        when r.scope = 'left' and not coalesce(a.account_enabled, a.domain_kind is null) then 'high'
        when r.scope <> 'left' and a.hr_src is null and not getvariable('hr_is_of_active_only') then 'high'
        when r.scope = 'left' and a.account_enabled and a.last_use > a.left_on + 1 then 'low'
        else 'medium' end as confidence, r.action, a.evidence, len(a.evidence) as evidence_count, a.routes as route,
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
            and len(list_filter(string_split(getvariable('CON-04.pattern'), ';'), lambda x: x <> ''
            and starts_with(a.local_part, x))) > 0,
            null, 1, 0, null, money(a.price), 'high', 'review')
) as r (rule_id, holds, scope, observed, threshold, excess, exposure, severity, action)
where r.holds;
insert into found by name
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
    and c.tokens * t.amount::decimal(12, 4) * 365 < a.price * param('USE-03.factor')::decimal(9, 6) * k.days_observed;
insert into found by name
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
    6) * k.token_days_observed;
insert into found by name
select 'USE-05' as rule_id, collection_key as offering_key, person, money_div(cost_days, 1, days) as observed,
    price as threshold, observed - price as excess, money(observed - price) as exposure, currency, price_basis,
    'low' as severity, 'to_collection' as action, evidence, len(evidence) as evidence_count,
    observed as amount_now, price as amount_alternative
from (
    select c.person, m.collection_key, k.days, count(*) as members, rows_of(c.src) as evidence,
        sum(coalesce(c.seat_price, 0) * k.days + coalesce(c.tokens, 0) * coalesce(t.amount, 0) * 365)
            ::decimal(38, 4) as cost_days
    from (
        select person, offering_key, min(price) as seat_price, min(tokens) as tokens, min(src) as src
        from (
            select person, offering_key, price, null::decimal(18, 4) as tokens, src from assignment
            union all
            select person, offering_key, null, sum(tokens), min(src) from token_use
            where in_window(day) and person is not null group by person, offering_key having sum(tokens) > 0
        )
        group by all
    ) as c
    inner join member as m on m.member_key = c.offering_key
    cross join (select coalesce(token_days_observed, 1) as days from clock) as k
    left join token_price as t on t.contract_number = ''
    where (c.seat_price is not null or c.tokens * t.amount is not null)
        and not exists (from seat as s where s.person = c.person and s.offering_key = m.collection_key)
    group by all
    having count(*) >= 2
) as c
inner join offering_price as p on p.offering_key = c.collection_key
where c.cost_days > p.price * param('USE-05.factor') * c.days;
insert into found by name
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
where member_price::decimal(18, 4) < price::decimal(18, 4) * param('USE-06.factor')::decimal(9, 6);
insert into found by name
select 'USE-07' as rule_id, a.team, a.offering_key, a.person, d.collection_key as scope, 2 as observed, 1 as threshold,
    1 as excess, money(a.price) as exposure, a.currency, a.price_basis,
    'medium' as severity, case when a.by_group then 'edit_group'
        else 'unassign' end as action, a.evidence, len(a.evidence) as evidence_count, a.routes as route, a.days_12m,
    a.price as amount_now, case when a.price is not null then 0 end as amount_alternative,
    'Holds ' || d.collection_key || ', which includes ' || a.offering_key || ', and a seat on ' || a.offering_key
        || ' as well.' as detail
from doubled as d
inner join assignment as a on a.team = d.team and a.offering_key = d.offering_key and a.person = d.person;
insert into found by name
select 'USE-08' as rule_id, offering_key, person, count(*) as observed, 1 as threshold, count(*) - 1 as excess,
    money((count(*) - 1) * min(price)) as exposure, arg_min(currency, price) as currency,
    coalesce(arg_min(price_basis, price), 'none') as price_basis, 'medium' as severity, 'unassign' as action,
        rows_of(src) as evidence, len(rows_of(src)) as evidence_count, max(days_12m) as days_12m,
    money(count(*) * min(price)) as amount_now, money(min(price)) as amount_alternative,
    'Holds the offering in ' || count(*) || ' teams: ' || string_agg(team, ', ' order by team) || '.' as detail
from assignment
group by offering_key, person
having count(*) > 1;
insert into found by name
select 'IDN-02' as rule_id, offering_key, person, days_by(day) as observed, 0 as threshold, days_by(day) as excess,
    'critical' as severity, 'investigate' as action, rows_of(row_of(key, last_src)) as evidence,
    count(*) as evidence_count
from after_leaving
group by offering_key, person;
insert into found by name
select 'IDN-04' as rule_id, team, offering_key, group_name as scope, outside as observed,
    param('IDN-04.min') as threshold, outside as excess, 'high' as severity, 'narrow' as action, evidence,
    members as evidence_count
from group_fact
where outside > 0 and (outside >= param('IDN-04.min') or outside >= param('IDN-04.share') * members);
insert into found by name
select 'IDN-06' as rule_id, team, offering_key, group_name as scope, active::double / members as observed,
    param('IDN-06.share')::double as threshold, members - active as excess, 'medium' as severity,
    case when active = 0 then 'remove' else 'narrow' end as action, evidence, members as evidence_count
from group_fact
where members >= param('IDN-06.min_members') and active < param('IDN-06.share') * members
    and team not in (from hidden_team);
insert into found by name
select 'IDN-10' as rule_id, team_of(team) as team, 1 as observed, 0 as threshold, 1 as excess, 'high' as severity,
    'fix_sync' as action, rows_of(file_no('sso') + rn) as evidence, count(*) as evidence_count
from (select *, row_number() over () - 1 as rn from in_sso)
where sso_enabled and not directory_sync_enabled and team_of(team) in (select s.team from seat as s)
group by team_of(team);
insert into found by name
select 'IDN-11' as rule_id, u.team, u.offering_key, u.person, 1 as observed, 0 as threshold, 1 as excess,
    money(coalesce(any_value(p.price), any_value(o.price))) as exposure,
    coalesce(any_value(p.currency), any_value(o.currency)) as currency,
        coalesce(any_value(case when p.price is not null then p.price_basis end), any_value(o.price_basis),
        'none') as price_basis,
    'low' as severity, case when bool_or(i.person is not null) then 'high'
        else 'low' end as confidence, 'unassign' as action, rows_of(u.src) as evidence, count(*) as evidence_count
from member_row as u
left join position as p on p.team = u.team and p.offering_key = u.offering_key
left join offering_price as o on o.offering_key = u.offering_key
left join invited_before as i on i.team = u.team and i.offering_key = u.offering_key and i.person = u.person
where u.status_folded in ('pending', 'invited') and u.offering_key is not null
group by u.team, u.offering_key, u.person;
insert into found by name
select 'ADM-01' as rule_id, team, admins as observed, case
    when admins > param('ADM-01.max_admins') then param('ADM-01.max_admins')
    else param('ADM-01.max_share') * persons end as threshold,
    observed - threshold as excess, 'medium' as severity, 'remove' as action, evidence, len(evidence) as evidence_count
from team_admin
where admins > param('ADM-01.max_admins') or (persons >= param('ADM-01.min_persons')
    and admins > param('ADM-01.max_share') * persons);
insert into found by name
select case when p.ghost_reason is not null and r.n = 3 then 'ADM-03'
    else 'ADM-04' end as rule_id, a.team, a.person, 1 as observed, 0 as threshold, 1 as excess, 'critical' as severity,
    'remove' as action,
    rows_of(a.src) as evidence, len(rows_of(a.src)) as evidence_count
from admin as a
inner join person as p on p.person = a.person
inner join (values (3), (4)) as r (n) on (r.n = 3 and p.ghost_reason is not null)
    or (r.n = 4 and not p.is_hash and p.domain_kind is null)
group by r.n, a.team, a.person, p.ghost_reason;
insert into found by name
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
group by team, person, scope;
insert into found by name
select 'ADM-07' as rule_id, team, admins as observed, 2 as threshold, greatest(0, 2 - admins) as excess,
    'high' as severity, 'appoint' as action, evidence, len(evidence) as evidence_count
from team_admin
where admins < 2 or (primaries > 0 and primaries = ghost_primaries);
insert into found by name
select 'CON-03' as rule_id, offering_key, person, days_by(day) as observed, 0 as threshold, observed as excess,
    'critical' as severity, 'review' as action, rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from contractor_row
group by offering_key, person;
insert into found by name
select 'FLX-01' as rule_id, team, term_end - exhaustion_date as observed, 0 as threshold, shortfall as excess,
    short_amount as exposure, currency,
    case when token_price is not null then 'contract' else 'none' end as price_basis, case
        when term_end - exhaustion_date > param('FLX-01.near_days') then 'critical' else 'high' end as severity,
    'buy_tokens' as action, evidence, len(evidence) as evidence_count
from pool
where flx_01;
insert into found by name
select 'FLX-02' as rule_id, team_alias as team, trim(pack_id) as scope, sum(left_at_end) as observed, 0 as threshold,
    observed as excess, 'high' as severity, 'use_or_move' as action,
    rows_of(src) as evidence, len(rows_of(src)) as evidence_count
from pack_use
where left_at_end > 0 and end_date >= as_of() and end_date - as_of() <= param('FLX-02.days')
group by team_alias, trim(pack_id);
insert into found by name
select 'FLX-03' as rule_id, team, balance as observed, low_balance as threshold, low_balance - balance as excess,
    'high' as severity, 'buy_tokens' as action, evidence, len(evidence) as evidence_count
from pool
where flx_03;
insert into found by name
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
where b.stated <> coalesce(l.balance, 0);
insert into found by name
select 'FLX-05' as rule_id, u.team, u.offering_key, u.person, sum(u.tokens) as observed,
    max(r.tokens_per_day) as threshold, sum(u.tokens % r.tokens_per_day) as excess, 'medium' as severity,
    'ask_vendor' as action, rows_of(u.src) as evidence, count(*) as evidence_count
from month_token as u
inner join rate as r on r.offering_key = u.offering_key and u.day between r.valid_from and r.valid_to
    and r.tokens_per_day > 0
where u.feature is null and u.tokens > 0 and u.tokens % r.tokens_per_day <> 0
group by u.team, u.offering_key, u.person;
insert into found by name
select 'FLX-06' as rule_id, u.team, u.offering_key, u.person, sum(u.tokens) as observed, 0 as threshold,
    observed as excess, 'high' as severity, 'ask_vendor' as action, rows_of(u.src) as evidence,
    count(*) as evidence_count
from month_token as u
where u.feature is null and u.tokens > 0 and u.person is not null
    and exists (select 1 from held_span as h where h.person = u.person and h.offering_key = u.offering_key
        and u.day between h.held_from and h.held_to)
group by u.team, u.offering_key, u.person;
insert into found by name
select 'FLX-08' as rule_id, team, day::varchar as scope, hundredths / 100 as observed, day_limit / 100 as threshold,
    (hundredths - day_limit) / 100 as excess, 'medium' as severity, 'review' as action, evidence, n as evidence_count
from (
    select *, greatest(middle + param('FLX-08.factor')::double * mad,
        param('FLX-08.min_ratio')::double * middle) as day_limit
    from (
        select d.team, d.day, d.hundredths, d.evidence, d.n, median(b.hundredths) as middle, count(*) as days_before,
            mad(b.hundredths) as mad
        from token_total as d
        inner join token_total as b on b.team = d.team and b.day < d.day and b.day >= d.day - 28
        where d.day >= month_start() and d.day <= as_of()
        group by all
    )
    where days_before >= param('FLX-08.min_days')
)
where hundredths > day_limit;
insert into found by name
select 'FLX-09' as rule_id, team, person, p.tokens::double / o.tokens::double as observed,
    param('FLX-09.share') as threshold, observed - threshold as excess, 'info' as severity, 'review' as action,
    p.evidence, p.n as evidence_count
from person_token as p
inner join (select team, sum(tokens) as tokens, count(person) as persons
    from person_token group by all) as o using (team)
where p.person is not null and o.persons >= param('FLX-09.min_persons') and p.tokens > param('FLX-09.share') * o.tokens;
insert into found by name
select 'LRT-01' as rule_id, offering_key, person, trim(version) as scope, max(release) as observed,
    max(greatest(case when release > newest_covered then newest_covered end, case
        when release > perpetual_release then perpetual_release end)) as threshold, observed - threshold as excess,
    'critical' as severity, 'remove_version' as action, rows_of(row_of(key, last_src)) as evidence,
    count(*) as evidence_count
from wanted_row
where release > newest_covered or release > perpetual_release
group by offering_key, person, trim(version);
insert into found by name
select 'LRT-02' as rule_id, offering_key, person, trim(version) as scope, max(release) as observed,
    min(oldest_eligible) as threshold, threshold - observed as excess, 'low' as severity, 'upgrade' as action,
    rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from wanted_row
where release < oldest_eligible
group by offering_key, person, trim(version);
insert into found by name
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
group by required_offering_key, person, feature;
insert into found by name
select 'LRT-04' as rule_id, offering_key, person, observed, param('LRT-04.devices') as threshold,
    observed - threshold as excess, 'high' as severity, 'review' as action,
    rows_of(row_of(key, last_src)) as evidence, count(*) as evidence_count
from many_devices
group by offering_key, person, observed;
insert into found by name
select 'LRT-05' as rule_id, person, sum(pairs) as observed, 0 as threshold, sum(pairs) as excess,
    'critical' as severity, 'review' as action, rows_of(src) as evidence,
    days_by(src) as evidence_count, sum(pairs) || ' pairs of sessions overlap on different devices.' as detail
from (
    select person, row_of(first_key, first_src) as src, 1 as pairs from overlapping
    union all
    select person, row_of(second_key, second_src), 0 from overlapping
)
group by person;
insert into found by name
select 'LRT-09' as rule_id, source as scope, p95::double / 3600000000 as observed,
    param('LRT-09.hours')::double as threshold, late_rows as excess, 'info' as severity, 'review' as action,
    s.evidence, late_rows as evidence_count, late_rows || ' of ' || all_rows || ' rows arrived late.' as detail
from arrival
left join (select source, rows_of(row_of(key, last_src)) as evidence from late_shown group by source) as s
    using (source)
where late_rows > 0;
insert into found by name
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
group by l.offering_key, l.person;
insert into found by name
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
