-- Grain: rows of drop(M); per claim_id those of the file of highest precedence. Renames only; nothing is joined but the
-- months of the run.
select
    m.review_month,
    r.claim_id,
    r.product,
    r.version,
    r.person,
    r.device,
    r.serial,
    r.period,
    r.period_start,
    r.period_end,
    r.quantity,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'vendor_claims') }} as r on r._drop = m.drop_month
qualify r._file_rank = max(r._file_rank) over (partition by m.review_month, r.claim_id)
