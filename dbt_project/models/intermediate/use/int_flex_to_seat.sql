-- Grain: (offering, person): tokens of somebody who holds neither the offering nor a collection with it, which cost
-- more than a seat by the factor of USE-04. Amounts of several currencies are compared in the organisation's; without a
-- rate the person is left out (int_excluded_subject). right_not_known: a collection that the person holds may give the
-- right.
with priced as (
    select t.*, p.price as seat_price, p.currency as seat_currency, p.price_basis, k.token_days_observed,
        k.token_months_observed,
        coalesce(least(t.currency_low, p.currency) <> greatest(t.currency_high, p.currency), false) as is_mixed
    from {{ ref('int_token_cost') }} as t
    inner join {{ ref('int_clock') }} as k on k.review_month = t.review_month
    inner join {{ ref('int_offering_price') }} as p on p.review_month = t.review_month
        and p.offering_key = t.offering_key
    where not t.is_hidden and k.token_days_observed >= {{ param_for('USE-04', 'min_observed_days', 't',
        't.offering_key') }}
        and not exists (
            select 1 from {{ ref('int_holding') }} as s
            where s.review_month = t.review_month and s.person_key = t.person_key and s.offering_key = t.offering_key)
),
in_one_currency as (
    select p.* {{ all_but('cost_days') }},
        case when p.is_mixed then p.cost_days_own else p.cost_days end as cost_days,
        {{ converted('p.seat_price', rate_where('p.is_mixed', 'r.per_unit')) }} as price_exact,
        case when p.is_mixed then r.own_currency else p.seat_currency end as currency,
        {{ param_for('USE-04', 'factor', 'p', 'p.offering_key') }} as factor
    from priced as p
    left join {{ ref('int_rate') }} as r on r.review_month = p.review_month and r.currency = p.seat_currency
)
select t.*, {{ money_ratio('t.cost_days', '1', 't.token_days_observed') }} as cost,
    {{ money('t.price_exact') }} as price,
    {{ exact_difference('t.cost_days', ['t.price_exact', 't.token_days_observed']) }} as saving_days,
    n.person_key is not null as right_not_known
from in_one_currency as t
left join {{ ref('int_right_not_known') }} as n on n.review_month = t.review_month and n.person_key = t.person_key
    and n.offering_key = t.offering_key
where {{ more_than_product('t.cost_days', ['t.price_exact', 't.factor', 't.token_days_observed']) }}
