-- Grain: review month: provisional until drop(M + restate_months) is there, then settled; restated where the record
-- says that a settled month was made again because a file, a rule or a reference row changed.
select
    m.review_month,
    case
        when m.horizon < {{ month_text(add_months('m.month_start', param('foundations', 'restate_months', 'm'))) }}
            then 'provisional'
        when exists (select 1 from {{ source('raw', 'run_info') }} as i
            where i.key = 'restated' and i.value = m.review_month) then 'restated'
        else 'settled'
    end as state
from {{ ref('int_month') }} as m
