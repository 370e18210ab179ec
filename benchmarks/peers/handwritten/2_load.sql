-- Once per drop: its event files, read once into memory, then kept as numbers.
-- A key is needed only where several drops may tell the same row.
create or replace temp table raw_use as
select coalesce(lower(email), 'hash:' || hash) as who, case when email is not null then hash end as hash, team,
    offering_name, product_name, version, access_option, day
from in_usage;
create or replace temp table raw_lrt as
select event_id, event_at, date_diff('microsecond', event_at, received_at) as late_by, lower(email) as who,
    device_id, product as offering_name, version, feature, lower(licence_claim) as claim, duration_minutes, source, team
from in_telemetry;

create or replace temp table raw_who as
select hash(who) as who, any_value(who) as text, any_value(hash) as hash from raw_use group by hash(who), hash(hash);
insert into who
select who, any_value(text)
from (select who, text from raw_who union all select hash(who), any_value(who) from raw_lrt group by hash(who))
where who not in (select who from who) and text is not null
group by who;
insert into hash_pair
select getvariable('drop_no'), true, hash, text from raw_who where hash is not null;

insert into use_kind
select hash(offering_name, product_name) as kind, any_value(offering_name), any_value(product_name)
from raw_use where hash(offering_name, product_name) not in (select kind from use_kind) group by kind;
create or replace temp table raw_kind as
select hash(offering_name, version, feature, claim, team, source) as kind, any_value(offering_name) as offering_name,
    any_value(version) as version, any_value(feature) as feature, any_value(claim) as claim, any_value(team) as team,
    any_value(source) as source, min(rowid) as first_row, count(*) as kind_rows
from raw_lrt group by kind;
insert into lrt_kind
select kind, offering_name, version, feature, claim, team, source from raw_kind
where kind not in (select kind from lrt_kind);

insert into name_told
select getvariable('drop_no'), 'usage', offering_name, min(rowid) + file_no('usage'), count(*)
from raw_use group by offering_name
union all
select getvariable('drop_no'), 'usage', product_name, min(rowid) + file_no('usage'), count(*)
from raw_use group by product_name
union all
select getvariable('drop_no'), 'lrt', offering_name, min(first_row) + file_no('telemetry'), sum(kind_rows)
from raw_kind group by offering_name;

insert into use_told
select getvariable('drop_no'),
    case when getvariable('several_drops')
        then hash('use', team, offering_name, product_name, version, access_option, who, day) end,
    hash(who), hash(offering_name, product_name), day, rowid + file_no('usage')
from raw_use;
insert into lrt_told
select getvariable('drop_no'),
    case when not getvariable('several_drops') then null when event_id is not null then hash('lrt', event_id)
        else hash('lrt', event_at, who, device_id, offering_name, feature) end,
    hash(who), hash(offering_name, version, feature, claim, team, source),
    case when device_id is not null then hash(device_id) end, event_at::date, event_at, late_by, duration_minutes,
    rowid + file_no('telemetry')
from raw_lrt;
drop table raw_use;
drop table raw_lrt;

insert into token_told
select getvariable('drop_no'), lower(email), team_of(team), offering_name, fold(feature), tokens, day,
    file_no('tokens') + rn
from (select *, row_number() over () - 1 as rn from in_tokens);
insert into sam_told select getvariable('drop_no'), lower(email), offering_name, last_used from in_sam;
insert into name_told
select getvariable('drop_no'), 'token_usage', offering_name, min(src), count(*)
from token_told where drop_no = getvariable('drop_no') group by offering_name
union all
select getvariable('drop_no'), 'sam_usage', offering_name, file_no('sam') + min(rn), count(*)
from (select *, row_number() over () - 1 as rn from in_sam) group by offering_name;
