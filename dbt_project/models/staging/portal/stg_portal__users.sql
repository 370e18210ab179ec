-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.email,
    r.first_name,
    r.last_name,
    r.autodesk_id,
    r.role,
    r.account_status,
    r.offering_name,
    r.product_name,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.assignment_type,
    r.pinned_subscription_id,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'users') }} as r on r._drop = m.drop_month
