-- Grain: (drop, path, row): every row that was not taken, and why.
{{ config(materialized='table') }}
select r.drop as review_month, r.drop, r.path, r.sha256, r.row_number, r.row_text, r.column_name, r.reason
from {{ source('raw', 'rejected_rows') }} as r
