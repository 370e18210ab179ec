-- Grain: rows of drop(M); per user_id the file of highest precedence. Renames only; nothing is joined but the months of
-- the run.
select
    m.review_month,
    r.user_id,
    r.user_principal_name,
    r.mail,
    r.other_addresses,
    r.given_name,
    r.surname,
    r.account_enabled,
    r.user_type,
    r.department,
    r.company_name,
    r.employee_id,
    r.created_at,
    r.last_sign_in_at,
    r.leave_at,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'directory_users') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.user_id)
