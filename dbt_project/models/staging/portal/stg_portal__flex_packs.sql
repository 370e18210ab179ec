-- Grain: rows of drop(M); per pack_id the file of highest precedence. Renames only; nothing is joined but the months of
-- the run.
select
    m.review_month,
    r.pack_id,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.contract_number,
    r.tokens,
    r.start_date,
    r.end_date,
    r.amount,
    r.currency,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'flex_packs') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.pack_id)
