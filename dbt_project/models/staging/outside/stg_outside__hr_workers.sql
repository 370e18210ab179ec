-- Grain: rows of drop(M); per employee_id the file of highest precedence. Renames only; nothing is joined but the
-- months of the run.
select
    m.review_month,
    r.employee_id,
    r.email,
    r.user_principal_name,
    r.first_name,
    r.last_name,
    r.status,
    r.worker_type,
    r.hire_date,
    r.leave_date,
    r.department,
    r.legal_entity,
    r.cost_centre,
    r.country,
    r.manager_id,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'hr_workers') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.employee_id)
