-- USE-05: single seats and tokens on members of a collection cost more than the collection. Grain: (collection,
-- person). Each member offering counts its lowest seat price once; a member without any known cost does not count. The
-- period is that of the tokens; seats alone have none.
with judged as (
    select c.*, {{ param_for('USE-05', 'factor', 'c', 'c.collection_key') }} as factor,
        case when c.has_tokens then k.token_months_observed end as observed_months
    from {{ ref('int_collection_cost') }} as c
    inner join {{ ref('int_clock') }} as k using (review_month)
),
compared as (
    select c.* {{ all_but('price') }}, {{ money_ratio('c.cost_days', '1', 'c.days') }} as cost,
        {{ money('c.price') }} as price,
        {{ exact_difference('c.cost_days', ['c.price', 'c.days']) }} as saving_days
    from judged as c
    where c.is_comparable and {{ concluded_of('USE-05', 'c') }}
        and {{ more_than_product('c.cost_days', ['c.price', 'c.factor', 'c.days']) }}
),
found as (
    select
        c.review_month, c.collection_key as offering_key, c.person_key,
        c.cost as observed, c.price as threshold,
        c.saving_days as exposure, c.days as exposure_over, c.cost - c.price as exposure_amount, c.currency,
        c.price_basis, 'low' as severity, 'to_collection' as recommended_action, c.evidence,
        c.cost as amount_now, c.price as amount_alternative, c.observed_months as months_observed,
        'Seats and tokens on ' || {{ readable_name('c.member_names') }} || ' cost '
            || {{ amount_text('c.cost', 'c.currency') }} || ' a year; the collection costs '
            || {{ amount_text('c.price', 'c.currency') }} || '.' as detail
    from compared as c
)
select {{ finding('USE-05', ['offering_key', 'person_key', 'exposure', 'exposure_over', 'exposure_amount',
    'amount_now', 'amount_alternative', 'months_observed']) }}
from found
