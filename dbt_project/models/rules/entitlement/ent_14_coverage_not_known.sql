-- ENT-14: use of a product by persons who hold a collection of which nobody has said whether it contains the product.
-- Grain: product; scope = collection.
select
    {{ finding(
        'ENT-14', observed='count(distinct n.person_key)', threshold='0', review_month='n.review_month',
            offering='n.product_key', scope='n.collection_key',
        severity="'medium'", recommended_action="'confirm_coverage'", evidence=evidence('n.src'),
            evidence_count='sum(n.use_rows)',
        detail=counted("count(distinct n.person_key)", "person") ~ " || ' used ' || " ~ readable_name("n.product_key")
            ~ " || ' from ' || min(n.day) || ' to ' || max(n.day) || ' and held ' || "
            ~ readable_name("n.collection_key")
            ~ " || '; whether it contains the product is not known. Until it is, no rule names them for it.'"
    ) }}
from {{ ref('int_use_not_known') }} as n
group by n.review_month, n.product_key, n.collection_key
