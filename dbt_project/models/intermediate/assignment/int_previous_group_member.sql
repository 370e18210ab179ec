-- Grain: (drop one or three months back, team, group, person): who was in a portal group then, by the aliases of now;
-- `legal_entity` by the HR records of that drop (null: no record, or HR was not given), matched as for int_person.
-- months_back is 1 or 3.
with drops as (
    select review_month, 1 as months_back, prev_month as drop_month from {{ ref('int_month') }}
    union all
    select review_month, 3, month_minus_3 from {{ ref('int_month') }}
),
then_hr as (
    select d.review_month, d.months_back, h.employee_id, h.legal_entity, h.hire_date, h.status,
        {{ hr_leave_date('h') }} as leave_date,
        coalesce(a.email, h.email) as email_key,
        coalesce(b.email, {{ lower_case('h.user_principal_name') }}) as upn_key
    from drops as d
    inner join {{ source('raw', 'hr_workers') }} as h on h._drop = d.drop_month
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month
        and a.alias_email = h.email
    left join {{ source('reference', 'person_aliases') }} as b on b.review_month = d.review_month
        and b.alias_email = {{ lower_case('h.user_principal_name') }}
    where d.months_back = 3
    qualify h._file_rank = max(h._file_rank) over (partition by d.review_month, h.employee_id)
),
then_directory as (
    select d.review_month, d.months_back, u.employee_id, u.account_enabled, u.user_id, u.mail,
        {{ lower_case('u.user_principal_name') }} as upn, u.other_addresses
    from drops as d
    inner join {{ source('raw', 'directory_users') }} as u on u._drop = d.drop_month
    where d.months_back = 3 and u.employee_id is not null
    qualify u._file_rank = max(u._file_rank) over (partition by d.review_month, u.user_id)
),
account as (
    -- Per person the account of the mail, else of the UPN, else of another address; an enabled one first, then one of
    -- unknown state, then the lowest user_id.
    select x.review_month, x.months_back, coalesce(a.email, x.address) as person_key, x.employee_id
    from (
        select review_month, months_back, mail as address, 1 as grade, employee_id, account_enabled, user_id
            from then_directory where mail is not null
        union all
        select review_month, months_back, upn, 2, employee_id, account_enabled, user_id from then_directory
            where upn is not null
        union all
        select review_month, months_back, {{ split_rows('other_addresses', trimmed=true) }}, 3, employee_id,
            account_enabled, user_id from then_directory where other_addresses is not null
    ) as x
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = x.review_month
        and a.alias_email = x.address
    where x.address <> ''
    qualify row_number() over (
        partition by x.review_month, coalesce(a.email, x.address)
        order by x.grade, case when x.account_enabled then 0 when x.account_enabled is null then 1
            else 2 end, x.user_id nulls last) = 1
),
found as (
    select review_month, months_back, email_key as person_key, 1 as grade, legal_entity, hire_date, status, leave_date,
        employee_id from then_hr where email_key is not null
    union all
    select review_month, months_back, upn_key, 2, legal_entity, hire_date, status, leave_date, employee_id from then_hr
        where upn_key is not null
    union all
    select t.review_month, t.months_back, t.person_key, 3, h.legal_entity, h.hire_date, h.status, h.leave_date,
        h.employee_id
    from account as t
    inner join then_hr as h on h.review_month = t.review_month and h.employee_id = t.employee_id
),
entity as (
    select f.review_month, f.months_back, f.person_key, f.legal_entity
    from found as f
    inner join {{ ref('int_month') }} as m using (review_month)
    qualify row_number() over (
        partition by f.review_month, f.months_back, f.person_key
        order by
            case
                when coalesce(f.leave_date < {{ add_months('m.month_start', -2) }}, f.status = 'terminated') then 3
                when f.status = 'unknown' then 2
                else 1
            end,
            f.grade, f.hire_date desc nulls last, f.employee_id nulls last) = 1
),
member as (
    select d.review_month, d.months_back, coalesce(g.team_alias, '(single team)') as team_alias,
        g.group as group_name, coalesce(a.email, g.email) as person_key, min(g._src) as src
    from drops as d
    inner join {{ source('raw', 'groups') }} as g on g._drop = d.drop_month
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month
        and a.alias_email = g.email
    group by all
)
select m.review_month, m.months_back, m.team_alias, m.group_name, m.person_key, m.src, e.legal_entity
from member as m
left join entity as e using (review_month, months_back, person_key)
