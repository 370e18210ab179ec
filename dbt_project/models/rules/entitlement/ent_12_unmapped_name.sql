-- ENT-12: an offering or product text of drop(M) without an alias. Grain: offering (`unmapped:<folded text>`); the
-- severity is the greatest of the inputs that show it: high where seats and rights are counted, info where only events
-- tell of it.
with found as (
    select
        n.review_month, n.offering_key,
        1 as observed, 0 as threshold,
        case when bool_or(n.input in ('subscriptions', 'users', 'usage_report', 'product_access')) then 'high'
            when bool_or(not n.is_event) then 'medium' else 'info' end as severity,
        'add_alias' as recommended_action,
        {{ evidence('n.src') }} as evidence, sum(n.name_rows) as evidence_count,
        'The name ' || min(n.name) || ' is not in the table of names; it was met in '
            || {{ distinct_text('n.input', ', ') }} || '.' as detail
    from {{ ref('int_name_seen') }} as n
    where n.in_drop and not n.is_mapped
    group by n.review_month, n.offering_key
)
select {{ finding('ENT-12', ['offering_key', 'evidence_count']) }}
from found
