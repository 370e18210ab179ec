-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.email,
    r.company,
    r.sponsor_email,
    r.start_date,
    r.end_date,
    r.offerings,
    r.device_policy,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'contractors') }} as r on r._drop = m.drop_month
