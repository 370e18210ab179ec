-- Use as sets of days: one row per (person, offering, product) instead of one per day. Also the clock and the telemetry
-- totals.
-- Who a row names: its e-mail through the aliases; a hash that rows show beside e-mails of exactly one person is that
-- person.
create table hashed as
select 'hash:' || u.hash as who, min(coalesce(a.email, lower(u.email))) as person
from (select hash, who as email from usage where hash is not null union select hash, email from report
    where email is not null) as u
left join in_person_aliases as a on a.alias_email = u.email
where u.hash in (select who[6:] from usage where starts_with(who, 'hash:') union select who[6:] from report
    where starts_with(who, 'hash:'))
group by u.hash
having count(distinct coalesce(a.email, lower(u.email))) = 1;
create table renamed as
select who, person from hashed
union all
select alias_email, email from in_person_aliases;
create macro person_of(w) as coalesce((select r.person from renamed as r where r.who = w), w);

create table clock as
select
    least(as_of(), max_day_seen - param('foundations.settle_days')::integer) as cutoff,
    least(365, as_of() - d0 + 1) as days_observed, least(365, as_of() - token_d0 + 1) as token_days_observed,
    round(least(365, as_of() - d0 + 1)::decimal(18, 4) * 10 / 304, 1)::double as months_observed,
    round(least(365, as_of() - token_d0 + 1)::decimal(18, 4) * 10 / 304, 1)::double as token_months_observed
from (
    select max(last) as max_day_seen, min(first) as d0, min(first) filter (where kind = 'token') as token_d0
    from (
        select 'usage' as kind, max(day) as last, min(day) as first from usage
        union all select 'lrt', max(day), min(day) from lrt
        union all select 'token', max(day), min(day) from token
        union all select 'report', max(last_accessed), null from report
    )
);
set variable cutoff = (select cutoff from clock);

create table lrt_total as
select coalesce(r.person, l.who) as person, l.team, o.offering_key, l.device,
    max(l.last) as last, bit_or(l.days) as days, sum(l.window_rows) as window_rows, bool_or(l.has_claim) as has_claim,
    sum(l.recent_rows) as recent_rows, min(l.recent_src) as recent_src
from (
    select who, team, offering_name, device,
        max(day) filter (where day <= as_of()) as last, days_of(day) as days,
            count(*) filter (where in_window(day)) as window_rows,
        bool_or(lower(licence_claim) in ('perpetual', 'network')) filter (where in_window(day)) as has_claim,
        count(*) filter (where day <= getvariable('cutoff')
            and day > getvariable('cutoff') - param('LRT-04.days')::integer) as recent_rows,
        min(rowid + file_no('telemetry')) filter (where day <= getvariable('cutoff')
            and day > getvariable('cutoff') - param('LRT-04.days')::integer) as recent_src
    from lrt
    group by who, team, offering_name, device
) as l
inner join offering as o on o.name = l.offering_name
left join renamed as r on r.who = l.who
group by all;

create table used as
select coalesce(r.person, u.who) as person, o.offering_key, p.offering_key as product_key, max(u.last) as last,
    bit_or(u.days) as days
from (
    select who, offering_name, product_name, max(day) filter (where day <= as_of()) as last, days_of(day) as days
        from usage group by who, offering_name, product_name
    union all
    select who, offering_name, null, max(day) filter (where day <= as_of()), days_of(day)
        from token group by who, offering_name
) as u
inner join offering as o on o.name = u.offering_name
left join offering as p on p.name = u.product_name
left join renamed as r on r.who = u.who
where u.who is not null
group by all
union all
select person, offering_key, null, max(last), bit_or(days) from lrt_total
    where person is not null group by person, offering_key;
