-- Who holds what (A of the month), and who they are: directory, HR, contractor register, groups, administrators.
create or replace table report_row as
select team_of(u.team) as team, o.offering_key, person_of(u.who) as person, u.email, u.first_name, u.last_name,
    u.version,
    lower(u.seat_assignment) = 'assigned' as is_assigned,
        coalesce(contains(fold(u.access_option), 'flex'), false) as is_flex,
    u.assigned_date::date as assigned_date, u.unassigned_date::date as unassigned_date, u.last_accessed, u.src
from report as u
inner join offering as o on o.name = u.offering_name;

create or replace table member_row as
select u.team_alias as team, o.offering_key, person_of(u.who) as person, u.first_name, u.last_name, u.role,
    u.role_folded, u.status_folded, u.src,
    coalesce(u.role_folded = 'contract_manager' or (regexp_matches(u.role_folded, '(^|_)admin')
        and not regexp_matches(u.role_folded, '(^|_)(non|not)(_|$)')), false) as is_admin
from portal_user as u
left join offering as o on o.name = u.offering_name;

create or replace table hidden_team as
select team from report_row group by team
    having count(*) filter (where email is null) > param('foundations.hidden_share') * count(*);

create or replace table seat as
select team, offering_key, person, min(assigned_date) as assigned_date, max(last_accessed) as last_accessed,
    rows_of(src) as evidence, min(src) as src
from report_row
where is_assigned and not is_flex and (team not in (from hidden_team) or not exists (from member_row))
group by all
union all
select team, offering_key, person, null, null, rows_of(src), min(src)
from member_row as u
where offering_key is not null
    and (team in (from hidden_team) or not exists (select 1 from report_row as r where r.team = u.team
        and r.offering_key = u.offering_key and r.person = u.person))
group by all;

-- What a person holds in any team, itself or through a collection.
create or replace table held as
select distinct person, offering_key, offering_key as held_through from seat
union
select s.person, m.member_key, s.offering_key from seat as s
    inner join member as m on m.collection_key = s.offering_key;
create or replace table held_span as
select distinct person, offering_key, coalesce(assigned_date, date '1900-01-01') as held_from,
    date '9999-12-31' as held_to from seat
union
select person, offering_key, coalesce(assigned_date, date '1900-01-01'), unassigned_date from report_row
    where not is_assigned and not is_flex and unassigned_date is not null;
insert into held_span select h.person, m.member_key, h.held_from, h.held_to from held_span as h
    inner join member as m on m.collection_key = h.offering_key;

create or replace table in_group as
select team_of(team) as team, group_name, person_of(lower(email)) as person, min(file_no('groups') + rn) as src
from (select *, row_number() over () - 1 as rn from in_groups)
group by all;

create or replace table hr as
select * replace (leaves as leave_date),
    case when leaves is null then status_now <> 'terminated' else leaves > as_of() end as in_force
from (
    select *, case when year(leave_date) < 9999 and leave_date >= coalesce(hire_date, leave_date) then leave_date
        end as leaves,
        person_of(lower(email)) as mail_key, person_of(lower(upn)) as upn_key, file_no('hr')
        + row_number() over () - 1 as src,
        case
            when contains(lower(status), 'terminat') or lower(trim(status)) in ('inactive', 'left',
                'former') then 'terminated'
            when lower(trim(status)) in ('on_leave', 'on leave', 'leave') then 'on_leave'
            else 'active'
        end as status_now
    from in_hr
);
-- A file of a hundred workers of whom nobody has left does not say who has.
set variable hr_is_of_active_only = (select count(*) >= 100 and bool_and(in_force) from hr);
create or replace table directory as
select *, person_of(lower(mail)) as mail_key, person_of(lower(upn)) as upn_key, file_no('entra')
    + row_number() over () - 1 as src from in_entra;
create or replace table contractor as
select person_of(lower(email)) as person, case when bool_or(end_date is null) then null else max(end_date) end as ends,
    bool_or(coalesce(start_date, as_of()) <= as_of() and coalesce(end_date, as_of()) >= as_of()) as is_valid,
    arg_max(lower(device_policy), coalesce(end_date, date '9999-12-31')) as device_policy
from in_contractors
group by all;

create or replace table person as
with known as (
    select person from seat union select person from report_row union select person from member_row union select person
        from in_group
    union select person from used where person is not null
),
hr_direct as (
    select k.person, h.*, case when h.mail_key = k.person then 1 else 2 end as grade
    from (select mail_key as address, * from hr where mail_key is not null union all select upn_key, * from hr
        where upn_key is not null and upn_key is distinct from mail_key) as h
    inner join known as k on k.person = h.address
),
account_direct as (
    select k.person, d.*, case when d.mail_key = k.person then 1 else 2 end as grade
    from (select mail_key as address, * from directory where mail_key is not null union all select upn_key, *
        from directory where upn_key is not null and upn_key is distinct from mail_key) as d
    inner join known as k on k.person = d.address
),
account as (
    select * from account_direct
    union all
    select h.person, h.mail_key, d.*, 3
    from (from hr_direct qualify row_number() over (partition by person order by in_force desc, grade,
        hire_date desc nulls last, employee_id, src) = 1) as h
    inner join directory as d on d.employee_id = h.employee_id
    where h.person not in (select person from account_direct)
),
one_account as (from account qualify row_number() over (partition by person order by least(grade, 2),
    not account_enabled, user_id, src) = 1),
one_hr as (
    from (
        from hr_direct
        union all
        select a.person, a.mail_key, h.*, 3 from one_account as a inner join hr as h on h.employee_id = a.employee_id
    )
    qualify row_number() over (partition by person order by in_force desc, grade, hire_date desc nulls last,
        employee_id, src) = 1
),
named as (
    select person, max(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')) as name
    from (select person, first_name, last_name from member_row union all select person, first_name, last_name
        from report_row)
    group by person
)
select
    k.person, starts_with(k.person, 'hash:') as is_hash,
    coalesce(n.name, nullif(trim(coalesce(a.given_name, h.first_name, '') || ' '
        || coalesce(a.surname, h.last_name, '')), '')) as display_name,
    split_part(k.person, '@', 1) as local_part, s.kind as domain_kind,
    h.status_now as hr_status, h.in_force, h.leave_date, h.src as hr_src,
    c.person is not null as is_contractor, c.ends as contractor_end, c.device_policy,
    case
        when not h.in_force then 'left'
        when not a.account_enabled then 'disabled'
        when s.kind in ('corporate', 'acquired') and a.person is null and not coalesce(h.in_force, false)
            and not coalesce(c.is_valid, false)
            and exists (from directory) then 'absent'
    end as ghost_reason,
    coalesce(h.leave_date, a.leave_at) as left_on, a.person is not null as has_account, a.account_enabled
from known as k
left join named as n on n.person = k.person
left join one_account as a on a.person = k.person
left join one_hr as h on h.person = k.person
left join contractor as c on c.person = k.person
left join (select lower(domain) as domain, min(kind) as kind from in_sso_domains group by all) as s
    on s.domain = split_part(k.person, '@', 2) and not starts_with(k.person, 'hash:');

-- Filled by the script: which HR records satisfy the predicate of a group rule.
create or replace table satisfied (intended varchar, hr_src bigint);
