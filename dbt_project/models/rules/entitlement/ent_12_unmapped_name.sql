-- ENT-12: an offering or product text of drop(M) without an alias. Grain: offering (`unmapped:<folded text>`); the
-- severity is the greatest of the inputs that show it: high where seats and rights are counted, info where only events
-- tell of it.
select
    {{ finding(
        'ENT-12', observed='1', threshold='0', excess='1', review_month='n.review_month', offering='n.offering_key',
        severity="case when bool_or(n.input in ('subscriptions', 'users', 'usage_report', 'product_access')) then 'high'
            when bool_or(not n.is_event) then 'medium' else 'info' end",
        recommended_action="'add_alias'", evidence=evidence('n.src'), evidence_count='sum(n.name_rows)',
        detail="'The name ' || min(n.name) || ' is not in the table of names; it was met in ' || "
            ~ distinct_text('n.input', ', ') ~ " || '.'"
    ) }}
from {{ ref('int_name_seen') }} as n
where n.in_drop and not n.is_mapped
group by n.review_month, n.offering_key
