-- Grain: rows of drop(M); per hub, project, product and address the file of highest precedence. A hub without a team
-- belongs to none. Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.hub,
    r.email,
    r.team_alias,
    r.project,
    r.product,
    r.administrator,
    r.status,
    r.invited_at,
    r.last_sign_in_at,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'hub_members') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.hub, r.project, r.product, r.email)
