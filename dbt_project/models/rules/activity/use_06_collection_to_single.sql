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
),
found as (
    select
        c.review_month, c.team_alias, c.offering_key, c.person_key,
        c.member_price as observed, c.price as threshold, c.price - c.member_price as excess,
        c.price_exact - c.member_price_exact as exposure, c.price - c.member_price as exposure_amount, c.currency,
        c.price_basis, 'low' as severity, 'to_single' as recommended_action, c.routes as route,
        c.evidence, c.evidence_rows as evidence_count,
        c.price as amount_now, c.member_price as amount_alternative, c.days_12m,
        'Of the collection only ' || {{ readable_name('c.member_key') }}
            || ' was used in twelve months; alone it costs ' || {{ amount_text('c.member_price', 'c.currency') }}
            || ' against ' || {{ amount_text('c.price', 'c.currency') }} || ' a year.' as detail
    from shown as c
    where {{ less_than_product('c.member_price_exact', ['c.price_exact', 'c.factor']) }}
)
select {{ finding('USE-06', ['team_alias', 'offering_key', 'person_key', 'excess', 'exposure', 'exposure_amount',
    'route', 'evidence_count', 'amount_now', 'amount_alternative', 'days_12m']) }}
from found
