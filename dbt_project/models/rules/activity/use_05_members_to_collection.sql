-- USE-05: single seats and tokens on members of a collection cost more than the collection. Grain: (collection, person). Each member offering
-- counts its lowest seat price once; a member without any known cost does not count. The period is that of the tokens; seats alone have none.
with compared as (
    select c.*, {{ money_ratio('c.cost_days', '1', 'c.days') }} as cost, c.cost_days - c.price * c.days as saving_days,
        case when c.has_tokens then k.token_months_observed end as observed_months
    from {{ ref('int_collection_cost') }} as c
    inner join {{ ref('int_clock') }} as k on k.review_month = c.review_month
    where c.is_comparable
        and c.cost_days > c.price * cast({{ param_for('USE-05', 'factor', 'c', 'c.collection_key') }} as decimal(9,6)) * c.days
)
select
    {{ finding(
        'USE-05', observed='c.cost', threshold='c.price', excess=money_ratio('c.saving_days', '1', 'c.days'), review_month='c.review_month',
        offering='c.collection_key', person='c.person_key', exposure='c.saving_days', exposure_over='c.days', currency='c.currency', price_basis='c.price_basis',
        severity="'low'", recommended_action="'to_collection'", evidence='c.evidence', months_observed='c.observed_months', amount_now='c.cost', amount_alternative='c.price',
        detail="'Seats and tokens on ' || " ~ spoken("c.member_names") ~ " || ' cost ' || " ~ amount_text("c.cost", "c.currency") ~ " || ' a year; the collection costs ' || " ~ amount_text("c.price", "c.currency") ~ " || '.'"
    ) }}
from compared as c
