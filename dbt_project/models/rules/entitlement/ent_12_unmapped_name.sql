-- ENT-12: an offering or product text of drop(M) without an alias. Grain: offering (`unmapped:<folded text>`).
select
    {{ finding(
        'ENT-12', observed='1', threshold='0', excess='1', review_month='n.review_month', offering='n.offering_key',
        severity="'high'", recommended_action="'add_alias'", evidence=evidence('n.src'), evidence_count='sum(n.name_rows)',
        detail="'The name ' || min(n.name) || ' is not in the table of names; it was met in ' || " ~ distinct_text('n.input', ', ') ~ " || '.'"
    ) }}
from {{ ref('int_name_seen') }} as n
where n.in_drop and not n.is_mapped
group by n.review_month, n.offering_key
