-- Grain: row of hr_workers of drop(M) with its mapped status; in force if not terminated and leave_date is null or after as_of.
with statuses as (
    select d.raw_status, min_by(v.status, v.priority) as status
    from (select distinct status as raw_status from {{ ref('stg_outside__hr_workers') }}) as d
    left join {{ ref('int_hr_status_value') }} as v
        on (v.how = 'contains' and strpos(lower(trim(d.raw_status)), v.pattern) > 0) or (v.how = 'is' and lower(trim(d.raw_status)) = v.pattern)
    group by d.raw_status
)
select
    h.review_month,
    h.employee_id,
    coalesce(a.email, h.email) as email_key,
    coalesce(b.email, lower(h.user_principal_name)) as upn_key,
    h.first_name,
    h.last_name,
    coalesce(s.status, 'active') as status,
    coalesce(s.status, 'active') <> 'terminated' and (h.leave_date is null or h.leave_date > m.as_of) as in_force,
    h.worker_type,
    h.hire_date,
    h.leave_date,
    h.department,
    h.legal_entity,
    h.cost_centre,
    h.country,
    h.src
from {{ ref('stg_outside__hr_workers') }} as h
inner join {{ ref('int_month') }} as m on m.review_month = h.review_month
left join statuses as s on s.raw_status = h.status
left join {{ source('reference', 'person_aliases') }} as a on a.review_month = h.review_month and a.alias_email = h.email
left join {{ source('reference', 'person_aliases') }} as b on b.review_month = h.review_month and b.alias_email = lower(h.user_principal_name)
