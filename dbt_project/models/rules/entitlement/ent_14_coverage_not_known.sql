-- ENT-14: use of a product by persons who hold a collection of which nobody has said whether it contains the product.
-- Grain: product; scope = collection.
with found as (
    select
        n.review_month, n.product_key as offering_key, n.collection_key as scope,
        count(distinct n.person_key) as observed, 0 as threshold, 'medium' as severity,
        'confirm_coverage' as recommended_action,
        {{ evidence('n.src') }} as evidence, sum(n.use_rows) as evidence_count,
        {{ counted('count(distinct n.person_key)', 'person') }} || ' used ' || {{ readable_name('n.product_key') }}
            || ' from ' || min(n.day) || ' to ' || max(n.day) || ' and held '
            || {{ readable_name('n.collection_key') }}
            || '; whether it contains the product is not known. Until it is, no rule names them for it.' as detail
    from {{ ref('int_use_not_known') }} as n
    group by n.review_month, n.product_key, n.collection_key
)
select {{ finding('ENT-14', ['offering_key', 'scope', 'evidence_count']) }}
from found
