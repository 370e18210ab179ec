-- LRT-07: use in the month on a day without seat, without token charge, with a row that no perpetual licence covers.
-- Days on which the right is not known are left out (int_excluded_subject). Grain: (offering, person).
select
    {{ finding(
        'LRT-07', observed='g.days', threshold='0', review_month='g.review_month', offering='g.offering_key',
            person='g.person_key',
        exposure='p.price', currency='p.currency', price_basis="coalesce(p.price_basis, 'none')", severity="'critical'",
        recommended_action="'assign_or_stop'", evidence='g.evidence', evidence_count='g.evidence_rows',
        detail="'Used on ' || " ~ counted("g.days", "day")
            ~ " || ' of the month without a seat, tokens or a perpetual licence.'"
    ) }}
from {{ ref('int_use_without_right') }} as g
left join {{ ref('int_offering_price') }} as p on p.review_month = g.review_month and p.offering_key = g.offering_key
where g.days > 0 and {{ concluded_of('LRT-07', 'g') }}
