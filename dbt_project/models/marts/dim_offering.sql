-- Grain: (review_month, offering): every offering met in the month, in hubs too, with its name and kind where the
-- company's table knows it.
with met as (
    select review_month, offering_key, is_mapped from {{ ref('int_offering_name') }}
    union all
    select review_month, offering_key, offering_key not like 'unmapped:%' as is_mapped
    from {{ ref('int_hub_member') }}
    where offering_key is not null
)
select
    n.review_month, {{ month_begin('n.review_month') }} as month_start,
    n.offering_key, max(o.name) as offering_name, max(o.kind) as kind,
        max(o.licence_metric) as licence_metric, bool_or(n.is_mapped) as is_mapped
from met as n
left join {{ source('reference', 'offerings') }} as o using (review_month, offering_key)
group by n.review_month, n.offering_key
