-- Macros, reference tables as of the month's end, and each large file read once into memory with the columns that rules
-- use.
-- A row's src is file number x 10^10 + row number; rowid is the file's order.
create macro fold(t) as trim(regexp_replace(lower(t), '[^a-z0-9]+', '_', 'g'), '_');
create macro release_of(t) as try_cast(nullif(regexp_extract(t, '^ *([0-9]+)', 1), '') as integer);
create macro team_of(t) as coalesce(t, '(single team)');
create macro money(x) as round(x, 2)::decimal(18, 2);
-- amount x n / d, rounded half away from zero, in integers; up to four places each.
create macro money_div(amount, n,
    d) as (sign(amount) * sign(n))::integer * ((2 * (abs((amount::decimal(18, 4) * 10000)::hugeint)
    * abs((n::decimal(18, 4) * 10000)::hugeint)) + d::hugeint * 1000000) // nullif(2 * d::hugeint * 1000000,
        0))::decimal(18, 0) * 0.01::decimal(3, 2);
create macro as_of() as getvariable('as_of');
create macro month_start() as date_trunc('month', getvariable('as_of'))::date;
-- Days of the window (as_of - 365, as_of] are bits 0 to 364 of a bit string: sets of days unite with | and count with
-- bit_count.
create macro day_bit(d) as (d - (getvariable('as_of') - 364))::integer;
create macro in_window(d) as d > getvariable('as_of') - 365 and d <= getvariable('as_of');
create macro days_of(d) as bitstring_agg(day_bit(d), 0, 364) filter (where in_window(d));
create macro rows_of(src) as min(distinct src, 20);
set variable parameter = (select map(list(rule_id || '.' || parameter), list(value)) from in_default_rule_parameters);
create macro param(k) as getvariable('parameter')[k]::decimal(18, 6);
create macro file_no(f) as (select no * 10000000000 + 1 from file where name = f);
set variable no_days = repeat('0', 365)::bit;
create macro some_days(b) as coalesce(b, getvariable('no_days'));
create macro last_days(n) as (repeat('0', 365 - n) || repeat('1', n))::bit;

create table alias as
select alias, offering_key
from (
    select fold(alias) as alias, offering_key, valid_from from in_product_aliases
    union all
    select alias, offering_key, valid_from from in_default_product_aliases
        where alias not in (select fold(alias) from in_product_aliases)
)
where coalesce(valid_from, as_of()) <= as_of()
qualify row_number() over (partition by alias order by valid_from desc) = 1;

create table member as
select collection_key, member_key from in_collection_members where valid_from <= as_of()
union
select collection_key, member_key from in_default_collection_members
where (collection_key, member_key) not in (select (collection_key, member_key) from in_collection_members);

-- A rate with the bits of the days on which it is valid.
create table rate as
select offering_key, tokens_per_day, valid_from, valid_to,
    (select days_of(d::date) from generate_series(greatest(as_of() - 364, valid_from)::timestamp,
        least(as_of(), valid_to)::timestamp, interval 1 day) as g (d)) as days
from (
    select offering_key, tokens_per_day, coalesce(valid_from, date '1900-01-01') as valid_from,
        coalesce(lead(valid_from) over (partition by offering_key order by valid_from) - 1,
            date '9999-12-31') as valid_to
    from (
        select offering_key, tokens_per_day, valid_from from in_flex_rates
        union all
        select offering_key, tokens_per_day, valid_from from in_default_flex_rates
            where offering_key not in (select offering_key from in_flex_rates)
    )
);

create table support as
select *, coalesce(lead(valid_from) over (partition by offering_key order by valid_from) - 1,
    date '9999-12-31') as valid_to from in_version_support;

create table price as
select offering_key, basis, coalesce(contract_number, '') as contract_number, amount, currency from in_prices
    where valid_from <= as_of()
qualify row_number() over (partition by offering_key, basis, contract_number order by valid_from desc) = 1;

create table token_price as
select coalesce(contract_number, '') as contract_number, amount, currency from in_token_prices
    where valid_from <= as_of()
qualify row_number() over (partition by contract_number order by valid_from desc) = 1;

create table group_rule as
select team_of(team) as team, group_name, offering_key, intended from in_group_rules where valid_from <= as_of()
qualify row_number() over (partition by team, group_name, offering_key order by valid_from desc) = 1;

-- The two large files. `who` is the e-mail, else the hash; persons are resolved after aggregation, names by dictionary.
create table usage as
select coalesce(lower(email), 'hash:' || hash) as who, case when email is null then null
    else hash end as hash, team, offering_name, product_name, day
from in_usage;
create table lrt as
select lower(email) as who, event_at::date as day, device_id as device, product as offering_name, version, feature,
    licence_claim, team, event_at, received_at,
    duration_minutes, source
from in_telemetry;
create table token as
select lower(email) as who, team_of(team) as team, offering_name, fold(feature) as feature, tokens, day,
    file_no('tokens') + rowid as src
from (select *, row_number() over () - 1 as rowid from in_tokens);
create table report as
select *, coalesce(lower(email), 'hash:' || hash) as who, file_no('usage_report') + row_number() over () - 1 as src
    from in_usage_report;
create table portal_user as
select *, lower(email) as who, team_of(team) as team_alias, fold(role) as role_folded,
    fold(account_status) as status_folded, file_no('users') + row_number() over () - 1 as src
from in_users;
create table subscription as
select *, team_of(team) as team_alias, file_no('subscriptions') + row_number() over () - 1 as src from in_subscriptions;
create table pack as
select *, team_of(team) as team_alias, file_no('packs') + row_number() over () - 1 as src from in_packs;

-- Every offering or product text once: what it means, the first row that shows it, how many do.
create table name as
select n.name, coalesce(a.offering_key, 'unmapped:' || fold(n.name)) as offering_key,
    a.offering_key is not null as is_mapped, n.input, n.src, n.name_rows
from (
    select 'usage' as input, offering_name as name, min(rowid) + file_no('usage') as src, count(*) as name_rows
        from usage group by all
    union all
    select 'usage', product_name, min(rowid) + file_no('usage'), count(*) from usage group by all
    union all
    select 'lrt', offering_name, min(rowid) + file_no('telemetry'), count(*) from lrt group by all
    union all
    select 'token_usage', offering_name, min(src), count(*) from token group by all
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
    union all
    select 'sam_usage', offering_name, file_no('sam') + min(rn), count(*)
        from (select *, row_number() over () - 1 as rn from in_sam) group by all
) as n
left join alias as a on a.alias = fold(n.name)
where n.name is not null;
create table offering as select distinct name, offering_key from name;
