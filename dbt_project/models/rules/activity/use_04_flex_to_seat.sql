-- USE-04: tokens that cost more than a seat, by somebody who holds neither the offering nor a collection with it.
-- Persons whose right is not known are left out (int_excluded_subject). Grain: (offering, person).
select
    {{ finding(
        'USE-04', observed='c.cost', threshold='c.price', excess='c.cost - c.price', review_month='c.review_month',
        offering='c.offering_key', person='c.person_key', exposure='c.saving_days',
            exposure_over='c.token_days_observed', exposure_amount='c.cost - c.price', currency='c.currency',
            price_basis='c.price_basis',
        severity="'medium'", recommended_action="'to_seat'", evidence='c.evidence', evidence_count='c.evidence_rows',
            days_12m='c.days',
        months_observed='c.token_months_observed', amount_now='c.cost', amount_alternative='c.price',
        detail=plain_number("c.tokens") ~ " || ' tokens in ' || c.token_days_observed || ' days observed come to ' || "
            ~ amount_text("c.cost", "c.currency") ~ " || ' a year; a seat costs ' || "
            ~ amount_text("c.price", "c.currency") ~ " || '.'"
    ) }}
from {{ ref('int_flex_to_seat') }} as c
where not c.right_not_known and {{ concluded_of('USE-04', 'c') }}
