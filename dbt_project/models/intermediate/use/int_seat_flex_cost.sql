-- Grain: (person, offering held) with use in the window: what its use days would have cost in tokens. Per day each
-- product named once, or the offering itself if none is named; tokens is null where no day has a rate;
-- days_without_rate: days of a product, or of the offering, without one.
with counted as {{ not_materialized() }} (
    select h.review_month, h.person_key, h.offering_key, h.period, h.product, h.days
    from {{ ref('int_holding_use') }} as h
    inner join {{ ref('int_month') }} as m on m.review_month = h.review_month
    where h.period > m.window_start
),
of_period as (
    select review_month, person_key, offering_key, period, bit_or(days) as days,
        coalesce(bit_or(case when product is not null then days end), 0) as named_days
    from counted
    group by review_month, person_key, offering_key, period
),
charged as (
    select review_month, person_key, offering_key, period, product, days
    from counted
    where product is not null
    union all
    select review_month, person_key, offering_key, period, offering_key as product, days & ~named_days as days
    from of_period
    where (days & ~named_days) <> 0
),
rated as (
    select c.review_month, c.person_key, c.offering_key,
        cast(sum({{ day_count('c.days & ' ~ days_within('c.period', 'r.valid_from', 'r.valid_to')) }}) as bigint)
            as rated_days,
        sum(cast(r.tokens_per_day * {{ day_count('c.days & '
            ~ days_within('c.period', 'r.valid_from', 'r.valid_to')) }} as {{ total_type() }})) as tokens
    from charged as c
    inner join {{ source('reference', 'flex_rates') }} as r on r.review_month = c.review_month
        and r.offering_key = c.product and r.tokens_per_day is not null
    where (c.days & {{ days_within('c.period', 'r.valid_from', 'r.valid_to') }}) <> 0
    group by c.review_month, c.person_key, c.offering_key
),
summed as (
    select review_month, person_key, offering_key, cast(sum({{ day_count('days') }}) as bigint) as days
    from of_period
    group by review_month, person_key, offering_key
),
wanted as (
    select review_month, person_key, offering_key, cast(sum({{ day_count('days') }}) as bigint) as product_days
    from charged
    group by review_month, person_key, offering_key
)
select
    s.review_month, s.person_key, s.offering_key, s.days,
    w.product_days - coalesce(r.rated_days, 0) as days_without_rate,
    cast(r.tokens as {{ total_type() }}) as tokens
from summed as s
inner join wanted as w on w.review_month = s.review_month and w.person_key = s.person_key
    and w.offering_key = s.offering_key
left join rated as r on r.review_month = s.review_month and r.person_key = s.person_key
    and r.offering_key = s.offering_key
