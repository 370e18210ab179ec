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
inner join {{ drops_seen() }} as m on m.drop = r._drop
