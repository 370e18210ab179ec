-- LRT-07: use in the month on a day without seat, without token charge, with a row that no perpetual licence covers.
-- Days on which the right is not known are left out (int_excluded_subject). Grain: (offering, person).
with found as (
    select
        g.review_month, g.offering_key, g.person_key,
        g.days as observed, 0 as threshold,
        p.price as exposure, p.currency, coalesce(p.price_basis, 'none') as price_basis,
        'critical' as severity, 'assign_or_stop' as recommended_action,
        g.evidence, g.evidence_rows as evidence_count,
        'Used on ' || {{ counted('g.days', 'day') }}
            || ' of the month without a seat, tokens or a perpetual licence.' as detail
    from {{ ref('int_use_without_right') }} as g
    left join {{ ref('int_offering_price') }} as p using (review_month, offering_key)
    where g.days > 0 and {{ concluded_of('LRT-07', 'g') }}
)
select {{ finding('LRT-07', ['offering_key', 'person_key', 'exposure', 'evidence_count']) }}
from found
