-- Grain: month with lines of licence servers' logs: server_key is the only server that they name, '' if there are
-- several or none.
-- A model of its own: beside the lines it would be one plan with them, and their millions would be kept in memory.
select review_month, case when count(*) = 1 then max(server_key) else '' end as server_key
from (
    select distinct review_month, {{ lower_case('server') }} as server_key
    from {{ ref('stg_outside__nlm_log') }}
    where server is not null
)
group by review_month
