-- Grain: drop whose seats and entitlements can be compared: it holds A, and subscriptions that are whole. A month whose
-- subscriptions are not whole shows too few seats.
{{ config(materialized='view') }}
select m.review_month, f.drop as drop_month,
    {{ add_days(add_months("cast(f.drop || '-01' as date)", 1), -1) }} as drop_as_of
from {{ ref('int_month') }} as m
cross join {{ source('raw', 'file_register') }} as f
left join {{ ref('int_drop_input') }} as w on w.drop = f.drop and w.input = f.input
where f.verdict = 'loaded' and f.drop <> 'reference'
group by m.review_month, f.drop
having bool_or(f.input = 'subscriptions') and bool_or(f.input in ('usage_report', 'users'))
    and not bool_or(coalesce(f.input = 'subscriptions' and not w.is_complete, false))
