-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.group as group_name,
    r.email,
    r.group_type,
    r.role,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'groups') }} as r on r._drop = m.drop_month
