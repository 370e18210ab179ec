-- Grain: row of hr_workers of drop(M). status: active, on_leave, terminated or unknown. is_ended: the leave date is
-- past, or terminated without one, whatever the status;
-- in_force: not ended and active, on leave, or terminated with a leave date to come. A record of unknown status that is
-- not ended is neither: standing is then 2 of 1 to 3.
with cleaned as (
    select
        h.review_month, h.employee_id,
        coalesce(a.email, h.email) as email_key,
        coalesce(b.email, {{ lower_case('h.user_principal_name') }}) as upn_key,
        h.first_name, h.last_name,
        h.status,
        h.worker_type, h.hire_date,
        {{ hr_leave_date('h', "coalesce(h.hire_date is null and h.status in ('active', 'on_leave') and "
            ~ is_unread('hire_date', 'h') ~ ", false)") }} as leave_date,
        h.department, h.legal_entity, h.cost_centre, h.country, h.src, m.as_of
    from {{ ref('stg_outside__hr_workers') }} as h
    inner join {{ ref('int_month') }} as m using (review_month)
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = h.review_month
        and a.alias_email = h.email
    left join {{ source('reference', 'person_aliases') }} as b on b.review_month = h.review_month
        and b.alias_email = {{ lower_case('h.user_principal_name') }}
),
ended as (
    select *, coalesce(leave_date <= as_of, status = 'terminated') as is_ended from cleaned
)
select
    review_month, employee_id, email_key, upn_key, first_name, last_name, status, is_ended,
    not is_ended and status <> 'unknown' as in_force,
    case when is_ended then 3 when status = 'unknown' then 2 else 1 end as standing,
    worker_type, hire_date, leave_date, department, legal_entity, cost_centre, country, src
from ended
