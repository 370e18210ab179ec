-- Grain: rows of drop(M); per team_alias, domain the file of highest precedence. Renames only; nothing is joined but
-- the months of the run.
select
    m.review_month,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.domain,
    r.domain_verified,
    r.sso_enabled,
    r.directory_sync_enabled,
    r.jit_enabled,
    r.default_assignment_offerings,
    r.last_sync_at,
    r.sync_errors,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'sso_config') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, coalesce(r.team_alias, '(single team)'),
    r.domain)
