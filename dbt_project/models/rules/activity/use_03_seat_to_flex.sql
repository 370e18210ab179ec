-- USE-03: the seat's use would cost less on Flex. Grain: (team, offering, person). Persons without a Flex rate, or
-- without an exchange rate of the currencies of seat and tokens, are left out (int_excluded_subject).
with costed as (
    select a.* {{ all_but('price, currency') }}, -- noqa: RF02
        c.tokens, c.days, k.days_observed, k.months_observed as observed_months,
        a.price as seat_price, t.price as token_price,
        {{ rate_where('a.currency <> t.currency', 'x.per_unit') }} as seat_rate,
        {{ rate_where('a.currency <> t.currency', 'y.per_unit') }} as token_rate,
        case when a.currency <> t.currency then x.own_currency else a.currency end as currency,
        {{ param_for('USE-03', 'factor', 'a', 'a.offering_key') }} as factor
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_seat_flex_cost') }} as c on c.review_month = a.review_month and c.person_key = a.person_key
        and c.offering_key = a.offering_key
    inner join {{ ref('int_clock') }} as k on k.review_month = a.review_month
    inner join {{ ref('int_token_price') }} as t on t.review_month = a.review_month and t.team_alias = ''
    left join {{ ref('int_rate') }} as x on x.review_month = a.review_month and x.currency = a.currency
    left join {{ ref('int_rate') }} as y on y.review_month = a.review_month and y.currency = t.currency
    where a.days_12m > 0 and c.days_without_rate = 0 and a.price is not null
        and k.days_observed >= {{ param_for('USE-03', 'min_observed_days', 'a', 'a.offering_key') }}
),
yearly as (
    select c.*, {{ converted(['c.tokens', 'c.token_price', '365'], 'c.token_rate') }} as cost_days,
        {{ converted('c.seat_price', 'c.seat_rate') }} as price_exact
    from costed as c
),
compared as (
    select y.*, {{ money('y.price_exact') }} as price, {{ money_ratio('y.cost_days', '1', 'y.days_observed') }} as cost,
        {{ exact_difference(['y.price_exact', 'y.days_observed'], 'y.cost_days') }} as saving_days,
        {{ break_even_days('y.seat_price', 'y.seat_rate', 'y.tokens', 'y.token_price', 'y.token_rate',
            'y.days') }} as break_even_days
    from yearly as y
    where {{ less_than_product('y.cost_days', ['y.price_exact', 'y.factor', 'y.days_observed']) }}
),
found as (
    select
        c.review_month, c.team_alias, c.offering_key, c.person_key,
        c.cost as observed, c.price as threshold, c.price - c.cost as excess,
        c.saving_days as exposure, c.days_observed as exposure_over, c.price - c.cost as exposure_amount, c.currency,
        c.price_basis, 'low' as severity, 'to_flex' as recommended_action, c.routes as route, c.evidence,
        c.price as amount_now, c.cost as amount_alternative, c.break_even_days as break_even_days_year, c.days_12m,
        c.observed_months as months_observed,
        {{ counted('c.days_12m', 'day') }} || ' of use in ' || c.days_observed || ' days observed would cost '
            || {{ amount_text('c.cost', 'c.currency') }} || ' a year on Flex against '
            || {{ amount_text('c.price', 'c.currency') }} || ' for the seat; break-even at '
            || {{ plain_number('c.break_even_days') }} || ' days a year, '
            || {{ plain_number('c.break_even_days / 12') }} || ' a month.' as detail
    from compared as c
)
select {{ finding('USE-03', ['team_alias', 'offering_key', 'person_key', 'excess', 'exposure', 'exposure_over',
    'exposure_amount', 'route', 'amount_now', 'amount_alternative', 'break_even_days_year', 'days_12m',
    'months_observed']) }}
from found
