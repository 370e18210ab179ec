-- Grain: rows of drop(M); per team_alias, balance_date the file of highest precedence. Renames only; nothing is joined
-- but the months of the run.
select
    m.review_month,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.balance_date,
    r.tokens_available,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'flex_balance') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, coalesce(r.team_alias, '(single team)'),
    r.balance_date)
