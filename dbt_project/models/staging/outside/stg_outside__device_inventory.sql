-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.device_id,
    r.product_display_name,
    r.version,
    r.publisher,
    r.user_email,
    r.last_seen_at,
    r.licence_class,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'device_inventory') }} as r on r._drop = m.drop_month
