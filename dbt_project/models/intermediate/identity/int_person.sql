-- Grain: person who holds a seat, is a portal user, group or hub member, or shows in use: with the matched directory
-- account, HR record, contractor entry. hr_in_force and hr_is_ended are both false where HR's word for the status is
-- not known, and null without a record. match_grade: mail, upn, other (another address of the account), employee_id or
-- none.
with quarter as (
    select m.review_month, coalesce(max(h.review_month), '0000-00') as held_since
    from {{ ref('int_month') }} as m
    left join (
        select distinct s.review_month from {{ ref('int_seat_history') }} as s
        where not exists (
            select 1 from {{ ref('int_drop_input') }} as w
            where w.drop = s.review_month and w.input in ('usage_report', 'users') and not w.is_complete)
    ) as h on h.review_month <= m.month_minus_3
    where substr(m.review_month, 6, 2) in ('03', '06', '09', '12')
    group by m.review_month
),
known as (
    select review_month, person_key from {{ ref('int_seat') }}
    union
    select review_month, person_key from {{ ref('int_usage_report') }}
    union
    select review_month, person_key from {{ ref('int_portal_user') }}
    union
    select review_month, person_key from {{ ref('int_portal_group') }}
    union
    select review_month, person_key from {{ ref('int_hub_person') }}
    union
    select review_month, person_key from {{ ref('int_use_cell') }} where person_key is not null
    union
    -- At the end of a quarter those who held a seat since the last whole drop before it: they may have left and be gone
    -- from every list (IDN-03).
    select q.review_month, coalesce(a.email, h.person_key)
    from quarter as q
    inner join {{ ref('int_seat_history') }} as h on h.review_month <= q.review_month
        and h.review_month >= q.held_since
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = q.review_month
        and a.alias_email = h.person_key
),
persons as (
    select k.*, k.person_key like 'hash:%' as is_hash from known as k
),
-- Stage 1: what the address itself finds. Stage 2 goes through the other system's employee id. Of several accounts the
-- best grade, then an enabled one, then one of unknown state.
directory_direct as (
    select p.review_month, p.person_key, d.user_id, d.employee_id, case x.grade when 1 then 'mail' when 2 then 'upn'
        else 'other' end as grade, d.src
    from persons as p
    inner join {{ ref('int_directory_address') }} as x on x.review_month = p.review_month and x.address = p.person_key
    inner join {{ ref('int_directory_account') }} as d on d.review_month = x.review_month and d.src = x.src
    where not p.is_hash
    qualify row_number() over (
        partition by p.review_month, p.person_key
        order by x.grade, case when d.account_enabled then 0 when d.account_enabled is null then 1
            else 2 end, d.user_id nulls last, d.src) = 1
),
hr_direct as (
    select p.review_month, p.person_key, h.employee_id, h.standing, h.hire_date, h.src, case
        when h.email_key = p.person_key then 1 else 2 end as grade
    from persons as p
    inner join (
        select review_month, email_key as address, * {{ all_but('review_month') }} from {{ ref('int_hr_record') }}
            where email_key is not null
        union all
        select review_month, upn_key as address, * {{ all_but('review_month') }} from {{ ref('int_hr_record') }}
            where upn_key is not null and upn_key is distinct from email_key
    ) as h on h.review_month = p.review_month and h.address = p.person_key
    where not p.is_hash
),
hr_direct_best as (
    select * from hr_direct
    qualify row_number() over (partition by review_month, person_key order by standing, grade,
        hire_date desc nulls last, employee_id nulls last, src) = 1
),
directory_by_id as (
    select b.review_month, b.person_key, d.user_id, d.employee_id, 'employee_id' as grade, d.src
    from hr_direct_best as b
    inner join {{ ref('int_directory_account') }} as d on d.review_month = b.review_month
        and d.employee_id = b.employee_id
    where not exists (select 1 from directory_direct as x
        where x.review_month = b.review_month and x.person_key = b.person_key)
    qualify row_number() over (
        partition by b.review_month, b.person_key
        order by case when d.account_enabled then 0 when d.account_enabled is null then 1
            else 2 end, d.user_id nulls last, d.src) = 1
),
directory_match as (
    select * from directory_direct
    union all
    select * from directory_by_id
),
hr_match as (
    select review_month, person_key, src
    from (
        select review_month, person_key, employee_id, standing, hire_date, src, grade from hr_direct
        union all
        select x.review_month, x.person_key, h.employee_id, h.standing, h.hire_date, h.src, 3 as grade
        from directory_match as x
        inner join {{ ref('int_hr_record') }} as h on h.review_month = x.review_month and h.employee_id = x.employee_id
    )
    qualify row_number() over (partition by review_month, person_key order by standing, grade,
        hire_date desc nulls last, employee_id nulls last, src) = 1
),
named as (
    select review_month, person_key, max(name) as name
    from (
        select review_month, person_key,
            nullif({{ trimmed("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }},
            '') as name from {{ ref('int_portal_user') }}
        union all
        select review_month, person_key,
            nullif({{ trimmed("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }},
            '') as name from {{ ref('int_usage_report') }}
    )
    group by review_month, person_key
)
select
    p.review_month,
    p.person_key,
    p.is_hash,
    case when not p.is_hash then p.person_key end as email,
    coalesce(n.name, nullif({{ trimmed("coalesce(d.given_name, h.first_name, '') || ' '
        || coalesce(d.surname, h.last_name, '')") }}, '')) as display_name,
    case when not p.is_hash then split_part(p.person_key, '@', 1) end as local_part,
    case when not p.is_hash then split_part(p.person_key, '@', 2) end as domain,
    s.kind as domain_kind,
    x.user_id as directory_user_id,
    coalesce(x.grade, 'none') as match_grade,
    d.account_enabled,
    d.leave_at as directory_leave_at,
    d.last_sign_in_at,
    d.src as directory_src,
    h.employee_id as hr_employee_id,
    h.status as hr_status,
    h.in_force as hr_in_force,
    h.is_ended as hr_is_ended,
    h.leave_date,
    h.hire_date,
    h.worker_type,
    h.department,
    h.legal_entity,
    h.cost_centre,
    h.country,
    h.src as hr_src,
    c.person_key is not null as is_contractor,
    c.contractor_end,
    coalesce(c.contractor_valid, false) as contractor_valid,
    c.device_policy,
    c.src as contractor_src
from persons as p
left join named as n using (review_month, person_key)
left join directory_match as x on x.review_month = p.review_month and x.person_key = p.person_key
left join {{ ref('int_directory_account') }} as d on d.review_month = x.review_month and d.src = x.src
left join hr_match as y on y.review_month = p.review_month and y.person_key = p.person_key
left join {{ ref('int_hr_record') }} as h on h.review_month = y.review_month and h.src = y.src
left join {{ ref('int_contractor') }} as c on c.review_month = p.review_month and c.person_key = p.person_key
left join (select review_month, {{ lower_case('domain') }} as domain, min(kind) as kind
    from {{ source('reference', 'sso_domains') }} group by review_month, {{ lower_case('domain') }}) as s
    on s.review_month = p.review_month and s.domain = split_part(p.person_key, '@', 2) and not p.is_hash
