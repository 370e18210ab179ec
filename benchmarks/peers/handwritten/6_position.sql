-- Position per (team, offering), everything that is asked of a seat, and the auditor's count.
create or replace table active_subscription as
select s.team_alias as team, o.offering_key, s.contract_number, s.seat_quantity, s.start_date, s.end_date, s.src,
    coalesce(fold(s.subscription_status), '') not in ('expired', 'cancelled', 'canceled', 'terminated', 'inactive',
        'suspended') as counts,
    counts and as_of() between s.start_date and s.end_date as in_force,
    case when s.autorenew_date is not null and s.end_date >= as_of() then date '9999-12-31'
        else s.end_date end as end_ahead
from subscription as s
inner join offering as o on o.name = s.offering_name;

create or replace table position as
with bought as (
    select team, offering_key, coalesce(sum(seat_quantity) filter (where in_force), 0) as entitled,
        max(end_date) filter (where end_date < as_of()) as ended_on,
        min(end_date) filter (where in_force) as first_end, rows_of(src) as evidence,
        first(contract_number order by seat_quantity desc, end_date desc, contract_number nulls last,
            src) filter (where in_force) as contract_number
    from active_subscription
    group by all
),
counted as (
    select team, offering_key, coalesce(s.assigned, 0) as assigned, coalesce(b.entitled, 0)::bigint as entitled,
        b.ended_on, b.first_end,
        coalesce(b.evidence, []::bigint[]) as evidence, b.contract_number
    from (select team, offering_key, count(*) as assigned from seat group by all) as s
    full join bought as b using (team, offering_key)
)
select c.*, c.assigned - c.entitled as gap_team,
    sum(c.assigned - c.entitled) over o as gap_org, sum(c.entitled) over o as org_entitled,
    coalesce(n.amount, g.amount, l.amount) as price, coalesce(n.currency, g.currency, l.currency) as currency,
    case when coalesce(n.amount, g.amount) is not null then 'contract' when l.amount is not null then 'list'
        else 'none' end as price_basis,
    coalesce(n.amount, g.amount) as contract_price, coalesce(n.currency, g.currency) as contract_currency,
        l.amount as list_price, l.currency as list_currency,
    coalesce(c.assigned > 0 and c.entitled = 0 and c.ended_on is not null, false) as ent_04, c.assigned > c.entitled
        and not ent_04 as ent_01
from counted as c
left join price as n on n.offering_key = c.offering_key and n.basis = 'contract'
    and n.contract_number = c.contract_number and n.contract_number <> ''
left join price as g on g.offering_key = c.offering_key and g.basis = 'contract' and g.contract_number = ''
left join price as l on l.offering_key = c.offering_key and l.basis = 'list' and l.contract_number = ''
window o as (partition by c.offering_key);

create or replace table offering_price as
select distinct on (offering_key) offering_key, amount as price, currency, basis as price_basis from price
    where contract_number = '' order by offering_key, basis;

-- Days of use of what is held: the offering's own rows and, for a collection, those of its members. product: what the
-- row names, else a member itself.
create or replace table held_use as
with holder as (select distinct person, offering_key from seat)
select h.person, h.offering_key, u.product_key as product, u.last, u.days
from holder as h
inner join used as u on u.person = h.person and u.offering_key = h.offering_key
union all
select h.person, h.offering_key, coalesce(u.product_key, u.offering_key), u.last, u.days
from holder as h
inner join member as m on m.collection_key = h.offering_key
inner join used as u on u.person = h.person and (u.offering_key = m.member_key or u.product_key = m.member_key)
    and u.offering_key <> h.offering_key;

-- On Flex: each product named on a day once, the offering where none is named; a day without a rate makes it unknown.
create or replace table flex_cost as
with product_days as (
    select person, offering_key, product, bit_or(days) as days from held_use where days is not null group by all
),
priced as (
    select d.person, d.offering_key, d.product, d.days from product_days as d where d.product is not null
    union all
    select d.person, d.offering_key, d.offering_key, d.days & ~some_days(n.days)
    from product_days as d
    left join (select person, offering_key, bit_or(days) as days from product_days
        where product is not null group by all) as n
        on n.person = d.person and n.offering_key = d.offering_key
    where d.product is null
),
one as (select person, offering_key, product, bit_or(days) as days from priced group by all)
select o.person, o.offering_key, bit_count(bit_or(o.days)) as days,
    sum(bit_count(o.days)) filter (where r.offering_key is null) as without_rate,
    coalesce(sum(bit_count(o.days & r.days) * r.tokens_per_day), 0)::decimal(18, 4) as tokens
from one as o
left join rate as r on r.offering_key = o.product and r.days is not null
where bit_count(o.days) > 0
group by o.person, o.offering_key;

create or replace table assignment as
with use as (
    select person, offering_key, max(last) as last, bit_or(days) as days from held_use group by all
),
by_route as (
    select s.team, s.offering_key, s.person, 'group:' || g.group_name as route
    from seat as s
    inner join in_group as g on g.team = s.team and g.person = s.person
    inner join group_rule as r on r.team = s.team and r.group_name = g.group_name and r.offering_key = s.offering_key
    union
    select s.team, s.offering_key, s.person, 'default'
    from seat as s
    inner join (select team_of(team) as team, trim(unnest(string_split(default_offerings, ';'))) as name
        from in_sso) as d on d.team = s.team and d.name <> ''
    left join alias as a on a.alias = fold(d.name)
    where coalesce(a.offering_key, 'unmapped:' || fold(d.name)) = s.offering_key
),
routes as (
    select team, offering_key, person, string_agg(route, ';' order by route) as routes, count(*) as route_count,
        bool_or(route <> 'default') as by_group from by_route group by all
)
select s.*, p.* exclude (person), coalesce(bit_count(u.days), 0) as days_12m,
    coalesce(has_days(u.days & last_days(30)), false) or coalesce(s.last_accessed > as_of() - 30, false) as active_30d,
    coalesce(has_days(u.days & last_days(90)), false) or coalesce(s.last_accessed > as_of() - 90, false) as active_90d,
    greatest(u.last, case when s.last_accessed <= as_of() then s.last_accessed end) as last_use,
    getvariable('cutoff') - greatest(u.last, case when s.last_accessed <= as_of() then s.last_accessed
        end) as days_inactive,
    coalesce(r.routes, 'direct') as routes, coalesce(r.route_count, 1) as route_count,
        coalesce(r.by_group, false) as by_group,
    o.price, o.currency, o.price_basis, o.ent_01
from seat as s
inner join person as p on p.person = s.person
inner join position as o on o.team = s.team and o.offering_key = s.offering_key
left join use as u on u.person = s.person and u.offering_key = s.offering_key
left join routes as r on r.team = s.team and r.offering_key = s.offering_key and r.person = s.person;

create or replace table doubled as
select distinct s.team, s.offering_key, s.person, k.offering_key as collection_key
from seat as s
inner join member as m on m.member_key = s.offering_key
inner join seat as k on k.team = s.team and k.person = s.person and k.offering_key = m.collection_key;

-- Telemetry with its team, and who is left out: known only by hash in a team that hides personal data.
create or replace table lrt_use as
with top_team as (select team from seat group by team order by count(*) desc, team limit 1)
select l.* replace (coalesce(l.team, (from top_team), '(single team)') as team),
    starts_with(l.person, 'hash:') and coalesce(l.team, (from top_team),
        '(single team)') in (from hidden_team) as left_out
from lrt_total as l;

create or replace table charge as
select t.person, t.offering_key, days_of(t.day) & getvariable('window_days') as days
from (select person_of(k.who) as person, o.offering_key, k.day from token as k
    inner join offering as o on o.name = k.offering_name where k.tokens > 0) as t
group by all;

-- Who has telemetry in the window and holds nothing for it, and in which team: that with most of the rows. Only where
-- there are several teams are the rows counted.
create or replace table outsider as
with bare as (
    select distinct team, offering_key, person from lrt_use as l
    where has_days(days) and not left_out
        and not exists (select 1 from held as h where h.person = l.person and h.offering_key = l.offering_key)
),
several as (
    select person, offering_key from bare group by all having count(*) > 1
),
counted as (
    select coalesce(k.team, (select team from seat group by team order by count(*) desc, team limit 1),
        '(single team)') as team, o.offering_key, p.person, count(*) as rows_seen
    from lrt_row as r
    inner join lrt_kind as k on k.kind = r.kind
    inner join offering as o on o.name = k.offering_name
    inner join who_person as p on p.who = r.who
    inner join several as s on s.person = p.person and s.offering_key = o.offering_key
    where holds(r.from_drop, r.until) and in_window(r.day)
    group by all
)
select b.team, b.offering_key, b.person
from bare as b
left join counted as c on c.team = b.team and c.offering_key = b.offering_key and c.person = b.person
qualify row_number() over (partition by b.offering_key, b.person order by c.rows_seen desc, b.team) = 1;

-- Auditor: everybody of A, and everybody with telemetry in the window who holds nothing for it; the first line that
-- applies takes a person out.
create or replace table auditor as
with counted as (
    select team, offering_key, person, true as has_seat from seat
    union all
    select team, offering_key, person, false from outsider
),
seen as (
    select l.person, l.offering_key, bool_or(l.has_claim) as has_claim,
        bit_count(bit_or(l.days) & ~some_days(first(c.days))) = 0 as all_charged
    from lrt_use as l
    left join charge as c on c.person = l.person and c.offering_key = l.offering_key
    where has_days(l.days)
    group by l.person, l.offering_key
),
flagged as (
    select c.*, coalesce(s.all_charged, false) as flex_covered, coalesce(s.has_claim, false)
        and not flex_covered as claims
    from counted as c
    left join seen as s on s.person = c.person and s.offering_key = c.offering_key
),
ranked as (
    select *, case when claims then count(*) filter (where claims) over (partition by offering_key order by person,
        team rows unbounded preceding) end as claim_place from flagged
),
licence as (
    select o.offering_key, sum(p.seats) as seats from in_perpetual as p
        inner join offering as o on o.name = p.offering_name group by all
),
place as (
    select team, offering_key, person, row_number() over (partition by offering_key, person
        order by last_use desc nulls last, team) as team_place,
        coalesce(days_inactive >= param('USE-01.days')
            and (assigned_date is null or as_of() - assigned_date >= param('USE-01.min_assigned_days')), false)
            or coalesce(last_use is null and as_of() - assigned_date >= param('USE-02.days'), false) as is_inactive
    from assignment
)
select r.team, r.offering_key, r.person,
    case
        when r.flex_covered then 'flex_covered'
        when r.claim_place <= l.seats then 'perpetual_covered'
        when c.device_policy = 'own' then 'contractor_own_cover'
        when r.has_seat and p.ghost_reason is not null then 'ghost'
        when d.person is not null or a.team_place > 1 then 'duplicate'
        when a.is_inactive then 'inactive'
    end as line
from ranked as r
left join licence as l on l.offering_key = r.offering_key
left join contractor as c on c.person = r.person
left join person as p on p.person = r.person
left join (select distinct team, offering_key, person from doubled) as d on d.team = r.team
    and d.offering_key = r.offering_key and d.person = r.person
left join place as a on a.team = r.team and a.offering_key = r.offering_key and a.person = r.person;
