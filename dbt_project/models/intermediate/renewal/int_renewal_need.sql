-- Grain: (contract whose brief is due, person, item): a product used in the window (the offering itself where the use
-- names no product), on how many days, and what its tokens would cost in a year at the rates of those days and the
-- token price; null without a rate, a token price or its currency.
with people as (
    select distinct s.review_month, s.contract_number, s.person_key from {{ ref('int_renewal_seat') }} as s
        where not s.has_left
),
used as (
    select p.review_month, p.contract_number, p.person_key, coalesce(u.product_key, u.offering_key) as item, u.period,
        bit_or(u.days) as days
    from people as p
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_use_cell') }} as u using (review_month, person_key)
    where u.period > m.window_start and u.period <= m.as_of
    group by p.review_month, p.contract_number, p.person_key, coalesce(u.product_key, u.offering_key), u.period
),
counted as (
    select review_month, contract_number, person_key, item, cast(sum({{ day_count('days') }}) as bigint) as days
    from used
    group by review_month, contract_number, person_key, item
),
priced as (
    select u.review_month, u.contract_number, u.person_key, u.item, r.tokens_per_day,
        {{ day_count('u.days & ' ~ days_within('u.period', 'r.valid_from', 'r.valid_to')) }} as days
    from used as u
    inner join {{ source('reference', 'flex_rates') }} as r on r.review_month = u.review_month
        and r.offering_key = u.item
),
summed as (
    select review_month, contract_number, person_key, item, sum(days) as days,
        sum(cast(tokens_per_day * days as {{ total_type() }})) as tokens
    from priced
    where tokens_per_day is not null
    group by review_month, contract_number, person_key, item
),
rated as (
    select c.*, cast(case when c.days = s.days then s.tokens end as {{ total_type() }}) as tokens
    from counted as c
    left join summed as s on s.review_month = c.review_month and s.contract_number = c.contract_number
        and s.person_key = c.person_key and s.item = c.item
),
contract_currency as (
    select distinct review_month, contract_number, currency from {{ ref('int_renewal_price') }}
)
select
    t.review_month, t.contract_number, t.person_key, t.item, t.days,
    cast({{ money_ratio(['t.tokens', 'x.price', '365'], '1',
        'c.days_observed') }} * 100 as {{ whole_type() }}) as flex_cents
from rated as t
inner join {{ ref('int_clock') }} as c using (review_month)
left join contract_currency as k using (review_month, contract_number)
left join {{ ref('int_token_price') }} as x on x.review_month = t.review_month and x.team_alias = ''
    and x.currency = k.currency
