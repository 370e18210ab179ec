-- USE-06: a collection of which exactly one member is used, and that member is cheaper. Grain: (team, collection,
-- person). Prices of two currencies are compared in the organisation's; without a rate the person is left out
-- (int_excluded_subject).
with compared as (
    select a.review_month, a.team_alias, a.offering_key, a.person_key, a.price_basis, a.routes, a.days_12m,
        s.member_key, s.evidence, s.evidence_rows,
        {{ price_of_collection() }} as price_exact, {{ price_of_member_used() }} as member_price_exact,
        case when a.currency <> coalesce(p.currency, o.currency) then x.own_currency else a.currency end as currency,
        {{ param_for('USE-06', 'factor', 'a', 'a.offering_key') }} as factor
    {{ from_collections_used() }}
),
shown as (
    select c.*, {{ money('c.price_exact') }} as price, {{ money('c.member_price_exact') }} as member_price
        from compared as c
)
select
    {{ finding(
        'USE-06', observed='c.member_price', threshold='c.price', excess='c.price - c.member_price',
            review_month='c.review_month',
        team='c.team_alias', offering='c.offering_key', person='c.person_key',
            exposure='c.price_exact - c.member_price_exact', exposure_amount='c.price - c.member_price',
            currency='c.currency',
        price_basis='c.price_basis', severity="'low'", route='c.routes', recommended_action="'to_single'",
            evidence='c.evidence', evidence_count='c.evidence_rows',
        days_12m='c.days_12m', amount_now='c.price', amount_alternative='c.member_price',
        detail="'Of the collection only ' || " ~ readable_name("c.member_key")
            ~ " || ' was used in twelve months; alone it costs ' || " ~ amount_text("c.member_price", "c.currency")
            ~ " || ' against ' || " ~ amount_text("c.price", "c.currency") ~ " || ' a year.'"
    ) }}
from shown as c
where {{ less_than_product('c.member_price_exact', ['c.price_exact', 'c.factor']) }}
