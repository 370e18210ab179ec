-- Grain: rows of every drop up to the horizon of the month; precedence is applied where persons and offerings are
-- known. Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.email,
    r.offering_name,
    r.last_used,
    r.days_used_12m,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'sam_usage') }} as r
-- Through pairs of months and drops: a join on `<=` alone would pass every row once for each month.
inner join (
    select distinct m.review_month, m.horizon, f.drop
    from {{ source('raw', 'run_month') }} as m
    inner join {{ source('raw', 'file_register') }} as f on f.drop <= m.horizon
) as m on m.drop = r._drop
