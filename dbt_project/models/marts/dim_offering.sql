-- Grain: (review_month, offering): every offering met in the month, with its name and kind where the company's table
-- knows it.
select
    n.review_month, n.offering_key, max(o.name) as offering_name, max(o.kind) as kind,
        max(o.licence_metric) as licence_metric, bool_or(n.is_mapped) as is_mapped
from {{ ref('int_offering_name') }} as n
left join {{ source('reference', 'offerings') }} as o on o.review_month = n.review_month
    and o.offering_key = n.offering_key
group by n.review_month, n.offering_key
