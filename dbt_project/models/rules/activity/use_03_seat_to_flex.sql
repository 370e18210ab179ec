-- USE-03: the seat's use would cost less on Flex. Grain: (team, offering, person). Persons without a rate are left out (int_left_out).
with costed as (
    select a.*, c.tokens, c.days, k.days_observed, k.months_observed as observed_months, t.price as token_price,
        {{ param_for('USE-03', 'factor', 'a', 'a.offering_key') }} as factor
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_seat_flex_cost') }} as c on c.review_month = a.review_month and c.person_key = a.person_key and c.offering_key = a.offering_key
    inner join {{ ref('int_clock') }} as k on k.review_month = a.review_month
    inner join {{ ref('int_token_price') }} as t on t.review_month = a.review_month and t.team_alias = ''
    where a.days_12m > 0 and c.days_without_rate = 0 and a.price is not null
        and k.days_observed >= {{ param('USE-03', 'min_observed_days', 'a') }}
),
compared as (
    select *, {{ money_div('token_price', 'tokens * 365', 'days_observed') }} as cost,
        -- From the unrounded cost, rounded once.
        {{ money_div('1', '(price * days_observed - tokens * token_price * 365)', 'days_observed') }} as saving
    from costed
    where cast(tokens as decimal(18,4)) * cast(token_price as decimal(12,4)) * 365
        < cast(price as decimal(18,4)) * cast(factor as decimal(9,6)) * days_observed
)
select
    {{ finding(
        'USE-03', observed='c.cost', threshold='c.price', excess='c.saving', review_month='c.review_month',
        team='c.team_alias', offering='c.offering_key', person='c.person_key',
        exposure='c.saving', currency='c.currency', price_basis='c.price_basis', severity="'low'", route='c.routes',
        recommended_action="'to_flex'", evidence='c.evidence', days_12m='c.days_12m', months_observed='c.observed_months',
        amount_now='c.price', amount_alternative='c.cost',
        break_even='cast(c.price as double) * c.days / nullif(cast(c.tokens as double) * cast(c.token_price as double), 0)',
        detail="c.days_12m || ' days of use in ' || c.days_observed || ' days observed would cost ' || c.cost || ' a year on Flex against ' || c.price || ' for the seat; break-even at ' || " ~ plain_number('cast(c.price as double) * c.days / nullif(cast(c.tokens as double) * cast(c.token_price as double), 0)') ~ " || ' days a year, ' || " ~ plain_number('cast(c.price as double) * c.days / nullif(cast(c.tokens as double) * cast(c.token_price as double) * 12, 0)') ~ " || ' a month.'"
    ) }}
from compared as c
