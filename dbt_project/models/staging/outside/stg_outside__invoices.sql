-- Grain: rows of drop(M). Renames only; nothing is joined but the months of the run.
select
    m.review_month,
    r.invoice_number,
    r.invoice_date,
    r.contract_number,
    r.subscription_id,
    r.offering_name,
    r.quantity,
    r.unit_price,
    r.currency,
    r.period_start,
    r.period_end,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'run_month') }} as m
inner join {{ source('raw', 'invoices') }} as r on r._drop = m.drop_month
