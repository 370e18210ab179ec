-- Grain: (person, offering held) with use in the window: what its use days would have cost in tokens. Per day each
-- product named once, or the offering itself if none is named; tokens is null where no day has a rate;
-- days_without_rate: days of a product, or of the offering, without one.
with held as (
    select distinct review_month, person_key, offering_key from {{ ref('int_seat') }}
),
holders as (
    select h.review_month, h.person_key, h.offering_key, c.member_key, c.valid_from, c.valid_to
    from held as h
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = h.review_month
        and c.collection_key = h.offering_key
),
counted as (
    select h.review_month, h.person_key, h.offering_key, u.period, u.product_key as product, u.days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
        and h.offering_key = u.offering_key
    where u.period > m.window_start and u.period <= m.as_of
    union all
    -- A row of a member counts for the collection; it names its product, else the member itself.
    select h.review_month, h.person_key, h.offering_key, u.period, coalesce(u.product_key, u.offering_key) as product,
        u.days & {{ days_within('u.period', 'h.valid_from', 'h.valid_to') }} as days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join holders as h on h.review_month = u.review_month and h.person_key = u.person_key
        and h.offering_key <> u.offering_key and h.member_key = u.offering_key
    where u.period > m.window_start and u.period <= m.as_of
    union all
    select h.review_month, h.person_key, h.offering_key, u.period, coalesce(u.product_key, u.offering_key) as product,
        u.days & {{ days_within('u.period', 'h.valid_from', 'h.valid_to') }} as days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join holders as h on h.review_month = u.review_month and h.person_key = u.person_key
        and h.offering_key <> u.offering_key and h.member_key = u.product_key
    where u.period > m.window_start and u.period <= m.as_of
),
of_period as (
    select review_month, person_key, offering_key, period, bit_or(days) as days,
        coalesce(bit_or(case when product is not null then days end), 0) as named_days
    from counted
    where days <> 0
    group by review_month, person_key, offering_key, period
),
charged as (
    select review_month, person_key, offering_key, period, product, bit_or(days) as days
    from counted
    where days <> 0 and product is not null
    group by review_month, person_key, offering_key, period, product
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
