-- Once: macros, the tables that all drops are loaded into, and the reference tables that no month changes.
-- A row's src is file number x 10^10 + row number. Files are numbered over all drops, so a greater src is a later drop.
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
create macro in_window(d) as d > getvariable('as_of') - 365 and d <= getvariable('as_of');
create macro days_by(d) as count(distinct d);
create macro minutes(n) as to_microseconds((least(n::double, 527040) * 60000000)::bigint);

-- Sets of days are bit strings over all days that any month looks at; bit 0 is the last day, so the first set bit is
-- the latest use. They unite with | and count with bit_count; a month's window is a mask.
create macro day_bit(d) as (getvariable('last_day') - d)::integer;
create macro days_of(d) as bitstring_agg(day_bit(d), 0, getvariable('bits') - 1)
    filter (where d <= getvariable('last_day') and day_bit(d) < getvariable('bits'));
create macro days_ending(d, n) as (repeat('0', day_bit(d)) || repeat('1', n)
    || repeat('0', getvariable('bits') - day_bit(d) - n))::bit;
create macro last_days(n) as days_ending(getvariable('as_of'), n);
create macro some_days(b) as coalesce(b, getvariable('no_days'));
create macro has_days(b) as bit_count(b) > 0;
create macro latest_day(b) as getvariable('last_day') - nullif(bit_position('1'::bit, b), 0) + 1;
create macro rows_of(src) as min(distinct src, 20);
set variable no_days = repeat('0', getvariable('bits'))::bit;
-- The script sets a variable per parameter.
create macro param(k) as getvariable(k)::decimal(18, 6);

-- Files of all drops; the number of a file of the drop that is being read.
create table file (no bigint, drop_no utinyint, name varchar, sha256 varchar);
create macro file_no(f) as (select no * 10000000000 + 1 from file where name = f
    and drop_no = getvariable('drop_no'));

-- What the event files of all drops tell. who, kind, device are hashes of text; the texts stand beside, once each.
create table who (who ubigint, text varchar);
create table hash_pair (drop_no utinyint, is_event boolean, hash varchar, email varchar);
create table use_kind (kind ubigint, offering_name varchar, product_name varchar);
create table lrt_kind (kind ubigint, offering_name varchar, version varchar, feature varchar, claim varchar,
    team varchar, source varchar);
create table name_told (drop_no utinyint, input varchar, name varchar, src bigint, name_rows bigint);
create table use_told (drop_no utinyint, key ubigint, who ubigint, kind ubigint, day date, src bigint);
create table lrt_told (drop_no utinyint, key ubigint, who ubigint, kind ubigint, device ubigint, day date,
    event_at timestamp, late_by bigint, minutes double, src bigint);
create table token_told (drop_no utinyint, who varchar, team varchar, offering_name varchar, feature varchar,
    tokens decimal(18, 4), day date, src bigint);
create table sam_told (drop_no utinyint, who varchar, offering_name varchar, last_used date);
create table accessed (drop_no utinyint, day date);
-- What the months before leave to the next.
create table invited_before (team varchar, offering_key varchar, person varchar);
create table finding_history (finding_id varchar, first_seen_month varchar, last_month varchar, months_open bigint);
create table seat_history (team_alias varchar, offering_key varchar, person_key varchar, spell bigint,
    from_not_before date, from_not_after date, first_drop varchar, last_drop varchar);

-- A rate with the bits of the days on which it is valid.
create table rate as
select offering_key, tokens_per_day, valid_from, valid_to,
    (select days_of(d::date) from generate_series(
        greatest(getvariable('last_day') - getvariable('bits') + 1, valid_from)::timestamp,
        least(getvariable('last_day'), valid_to)::timestamp, interval 1 day) as g (d)) as days
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
