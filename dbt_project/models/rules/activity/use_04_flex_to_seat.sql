-- USE-04: tokens that cost more than a seat, by somebody who holds neither the offering nor a collection with it.
-- Persons whose right is not known are left out (int_excluded_subject). Grain: (offering, person).
with found as (
    select
        c.review_month, c.offering_key, c.person_key,
        c.cost as observed, c.price as threshold,
        c.saving_days as exposure, c.token_days_observed as exposure_over, c.cost - c.price as exposure_amount,
        c.currency, c.price_basis, 'medium' as severity, 'to_seat' as recommended_action,
        c.evidence, c.evidence_rows as evidence_count,
        c.cost as amount_now, c.price as amount_alternative, c.days as days_12m,
        c.token_months_observed as months_observed,
        {{ plain_number('c.tokens') }} || ' tokens in ' || c.token_days_observed || ' days observed come to '
            || {{ amount_text('c.cost', 'c.currency') }} || ' a year; a seat costs '
            || {{ amount_text('c.price', 'c.currency') }} || '.' as detail
    from {{ ref('int_flex_to_seat') }} as c
    where not c.right_not_known and {{ concluded_of('USE-04', 'c') }}
)
select {{ finding('USE-04', ['offering_key', 'person_key', 'exposure', 'exposure_over', 'exposure_amount',
    'evidence_count', 'amount_now', 'amount_alternative', 'days_12m', 'months_observed']) }}
from found
