-- Grain: review month: provisional until drop(M+2) is there, then settled. Restatement comes with the versions of a month.
select
    m.review_month,
    case
        when exists (
            select 1 from {{ source('raw', 'run_info') }} as i
            where i.key = 'drop' and i.value = {{ month_text(add_months('m.month_start', 2)) }}
        ) then 'settled'
        else 'provisional'
    end as state
from {{ ref('int_month') }} as m
