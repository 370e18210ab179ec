-- Grain: (drop, path): every file, sheet and member of every drop, and of the standing reference folder (drop
-- 'reference').
{{ config(materialized='table') }}
select
    case when f.drop = 'reference' then 'reference' else f.drop end as review_month,
    f.drop, f.path, f.sha256, f.bytes, f.input, f.generation, f.encoding, f.separator,
    f.rows_read, f.rows_loaded, f.rows_rejected, f.rows_duplicate, f.verdict, f.message, f.manifest, f.extra_columns,
    f.complete, f.incomplete_reason, f.cells_unread, f.newest_day
from {{ source('raw', 'file_register') }} as f
