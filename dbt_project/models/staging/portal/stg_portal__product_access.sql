-- Grain: rows of drop(M); per team_alias, offering_name the file of highest precedence. Renames only; nothing is joined
-- but the months of the run.
select
    m.review_month,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.offering_name,
    r.seats_total,
    r.seats_assigned,
    r.seats_available,
    r.start_date,
    r.end_date,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'product_access') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, coalesce(r.team_alias, '(single team)'),
    r.offering_name)
