-- USE-05: single seats and tokens on members of a collection cost more than the collection. Grain: (collection,
-- person). Each member offering counts its lowest seat price once; a member without any known cost does not count. The
-- period is that of the tokens; seats alone have none.
with judged as (
    select c.*, {{ param_for('USE-05', 'factor', 'c', 'c.collection_key') }} as factor,
        case when c.has_tokens then k.token_months_observed end as observed_months
    from {{ ref('int_collection_cost') }} as c
    inner join {{ ref('int_clock') }} as k on k.review_month = c.review_month
),
compared as (
    select c.* {{ all_but('price') }}, {{ money_ratio('c.cost_days', '1', 'c.days') }} as cost,
        {{ money('c.price') }} as price,
        {{ exact_difference('c.cost_days', ['c.price', 'c.days']) }} as saving_days
    from judged as c
    where c.is_comparable and {{ concluded_of('USE-05', 'c') }}
        and {{ more_than_product('c.cost_days', ['c.price', 'c.factor', 'c.days']) }}
)
select
    {{ finding(
        'USE-05', observed='c.cost', threshold='c.price', excess='c.cost - c.price', review_month='c.review_month',
        offering='c.collection_key', person='c.person_key', exposure='c.saving_days', exposure_over='c.days',
            exposure_amount='c.cost - c.price', currency='c.currency', price_basis='c.price_basis',
        severity="'low'", recommended_action="'to_collection'", evidence='c.evidence',
            months_observed='c.observed_months', amount_now='c.cost', amount_alternative='c.price',
        detail="'Seats and tokens on ' || " ~ readable_name("c.member_names") ~ " || ' cost ' || "
            ~ amount_text("c.cost", "c.currency") ~ " || ' a year; the collection costs ' || "
            ~ amount_text("c.price", "c.currency") ~ " || '.'"
    ) }}
from compared as c
