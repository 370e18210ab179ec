-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.hashed_autodesk_id,
    r.first_name,
    r.last_name,
    r.email,
    r.autodesk_id,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.group as group_name,
    r.offering_name,
    r.version,
    r.seat_assignment,
    r.assigned_date,
    r.unassigned_date,
    r.user_activity,
    r.days_inactive,
    r.access_option,
    r.days_used,
    r.monthly_average,
    r.tokens_used,
    r.last_accessed,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'usage_report') }} as r on r._drop = m.drop_month
