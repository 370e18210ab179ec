-- Per month: reference tables as of its end, the state files of its drop, who is who, and use as the drops up to
-- the horizon tell it.
create or replace macro horizon() as getvariable('horizon');
create or replace macro holds(first, next) as first <= getvariable('horizon') and getvariable('horizon') < next;
set variable window_days = last_days(365);
set variable days_so_far = days_ending(as_of(), getvariable('bits') - day_bit(as_of()));

create or replace table alias as
select alias, offering_key
from (
    select fold(alias) as alias, offering_key, valid_from from in_product_aliases
    union all
    select alias, offering_key, valid_from from in_default_product_aliases
        where alias not in (select fold(alias) from in_product_aliases)
)
where coalesce(valid_from, as_of()) <= as_of()
qualify row_number() over (partition by alias order by valid_from desc) = 1;
create or replace table member as
select collection_key, member_key from in_collection_members where valid_from <= as_of()
union
select collection_key, member_key from in_default_collection_members
where (collection_key, member_key) not in (select (collection_key, member_key) from in_collection_members);
create or replace table price as
select offering_key, basis, coalesce(contract_number, '') as contract_number, amount, currency from in_prices
    where valid_from <= as_of()
qualify row_number() over (partition by offering_key, basis, contract_number order by valid_from desc) = 1;
create or replace table token_price as
select coalesce(contract_number, '') as contract_number, amount, currency from in_token_prices
    where valid_from <= as_of()
qualify row_number() over (partition by contract_number order by valid_from desc) = 1;
create or replace table group_rule as
select team_of(team) as team, group_name, offering_key, intended from in_group_rules where valid_from <= as_of()
qualify row_number() over (partition by team, group_name, offering_key order by valid_from desc) = 1;

create or replace table report as
select *, coalesce(lower(email), 'hash:' || hash) as who, file_no('usage_report') + row_number() over () - 1 as src
    from in_usage_report;
insert into accessed select getvariable('drop_no'), max(last_accessed) from report;
insert into hash_pair
select distinct getvariable('drop_no'), false, hash, lower(email) from report
where hash is not null and email is not null;
create or replace table portal_user as
select *, lower(email) as who, team_of(team) as team_alias, fold(role) as role_folded,
    fold(account_status) as status_folded, file_no('users') + row_number() over () - 1 as src
from in_users;
create or replace table subscription as
select *, team_of(team) as team_alias, file_no('subscriptions') + row_number() over () - 1 as src from in_subscriptions;
create or replace table pack as
select *, team_of(team) as team_alias, file_no('packs') + row_number() over () - 1 as src from in_packs;
create or replace table token as
select who, team, offering_name, feature, tokens, day, src from token_row where holds(drop_no, until);

-- Every offering or product text once: what it means, the first row of the month's drop that shows it, how many do.
create or replace table name as
select n.name, coalesce(a.offering_key, 'unmapped:' || fold(n.name)) as offering_key,
    a.offering_key is not null as is_mapped, n.input, n.src, n.name_rows
from (
    select input, name, min(src) filter (where drop_no = getvariable('drop_no')) as src,
        coalesce(sum(name_rows) filter (where drop_no = getvariable('drop_no')), 0) as name_rows
    from name_told where drop_no <= horizon() group by all
    union all
    select 'usage_report', offering_name, min(src), count(*) from report group by all
    union all
    select 'users', offering_name, min(src), count(*) from portal_user group by all
    union all
    select 'users', product_name, min(src), count(*) from portal_user group by all
    union all
    select 'subscriptions', offering_name, min(src), count(*) from subscription group by all
    union all
    select 'perpetual_licences', offering_name, null, count(*) from in_perpetual group by all
) as n
left join alias as a on a.alias = fold(n.name)
where n.name is not null;
create or replace table offering as select distinct name, offering_key from name;

-- Who a row names: its e-mail through the aliases; a hash that rows show beside e-mails of exactly one person is that
-- person.
create or replace table renamed as
select 'hash:' || u.hash as who, min(coalesce(a.email, u.email)) as person
from (select distinct hash, email from hash_pair where drop_no <= case when is_event then horizon()
    else getvariable('drop_no') end) as u
left join in_person_aliases as a on a.alias_email = u.email
where u.hash in (select text[6:] from who where starts_with(text, 'hash:') union select who[6:] from report
    where starts_with(who, 'hash:'))
group by u.hash
having count(distinct coalesce(a.email, u.email)) = 1
union all
select alias_email, email from in_person_aliases;
create or replace macro person_of(w) as coalesce((select r.person from renamed as r where r.who = w), w);
create or replace table who_person as
select w.who, coalesce(r.person, w.text) as person from who as w left join renamed as r on r.who = w.text;

-- Only drops up to the month move the last day seen; the first days count over the drops used.
create or replace table clock as
select
    least(as_of(), max_day_seen - param('foundations.settle_days')::integer) as cutoff,
    least(365, as_of() - d0 + 1) as days_observed, least(365, as_of() - token_d0 + 1) as token_days_observed,
    round(least(365, as_of() - d0 + 1)::decimal(18, 4) * 10 / 304, 1)::double as months_observed,
    round(least(365, as_of() - token_d0 + 1)::decimal(18, 4) * 10 / 304, 1)::double as token_months_observed
from (
    select
        greatest((select max(last) from event_clock
            where from_drop <= getvariable('drop_no') and getvariable('drop_no') < until),
            (select max(day) from accessed)) as max_day_seen,
        min(first) as d0, min(first) filter (where kind = 'token') as token_d0
    from event_clock where holds(from_drop, until)
);
set variable cutoff = (select cutoff from clock);

create or replace table lrt_total as
select p.person, l.team, o.offering_key, l.device, greatest(max(l.before), max(latest_day(l.days_then))) as last,
    bit_or(l.days_now) as days, coalesce(bool_or(l.has_claim and has_days(l.days_now)), false) as has_claim
from (
    select *, days & getvariable('days_so_far') as days_then, days & getvariable('window_days') as days_now
    from lrt_days where holds(from_drop, until)
) as l
inner join offering as o on o.name = l.offering_name
inner join who_person as p on p.who = l.who
group by all;

create or replace table used as
select u.person, o.offering_key, p.offering_key as product_key, max(u.last) as last, bit_or(u.days) as days
from (
    select p.person, k.offering_name, k.product_name,
        greatest(u.before, latest_day(u.days & getvariable('days_so_far'))) as last,
        u.days & getvariable('window_days') as days
    from use_days as u
    inner join who_person as p on p.who = u.who
    inner join use_kind as k on k.kind = u.kind
    where u.from_drop <= horizon()
    union all
    select person_of(who), offering_name, null, max(day) filter (where day <= as_of()),
        days_of(day) & getvariable('window_days')
    from token group by person_of(who), offering_name
) as u
inner join offering as o on o.name = u.offering_name
left join offering as p on p.name = u.product_name
where u.person is not null
group by all
union all
select person, offering_key, null, max(last), bit_or(days) from lrt_total group by person, offering_key;
