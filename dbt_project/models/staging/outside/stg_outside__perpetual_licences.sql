-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.serial_number,
    r.offering_name,
    r.version,
    r.seats,
    r.licence_kind,
    r.maintenance_end,
    r.site,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'perpetual_licences') }} as r on r._drop = m.drop_month
