-- Grain: (person, offering held) with use in the window: what its use days would have cost in tokens. Per day each
-- product named once, or the offering itself if none is named; tokens is null where a rate is missing
-- (days_without_rate > 0).
with held as (
    select distinct review_month, person_key, offering_key from {{ ref('int_seat') }}
),
counted as (
    -- A row of a member counts for the collection; it names its product, else the member itself.
    select
        h.review_month, h.person_key, h.offering_key, u.day,
        case when u.offering_key = h.offering_key then u.product_key
            else coalesce(u.product_key, u.offering_key) end as product
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
    left join {{ source('reference', 'collection_members') }} as c
        on c.review_month = h.review_month and c.collection_key = h.offering_key and u.offering_key <> h.offering_key
        and (c.member_key = u.offering_key or c.member_key = u.product_key)
        and c.valid_from <= u.day and u.day <= c.valid_to
    where u.day > m.window_start and u.day <= m.as_of and (u.offering_key = h.offering_key
        or c.collection_key is not null)
),
named_day as (
    select distinct review_month, person_key, offering_key, day, product from counted where product is not null
),
bare_day as (
    select review_month, person_key, offering_key, day
        from counted group by review_month, person_key, offering_key, day having count(product) = 0
),
part as (
    select
        p.review_month, p.person_key, p.offering_key,
        count(distinct p.day) as days, sum(case when r.tokens_per_day is null then 1 else 0 end) as days_without_rate,
            sum(r.tokens_per_day) as tokens
    from named_day as p
    left join {{ source('reference', 'flex_rates') }} as r
        on r.review_month = p.review_month and r.offering_key = p.product and r.valid_from <= p.day
            and p.day <= r.valid_to
    group by p.review_month, p.person_key, p.offering_key
    union all
    select
        p.review_month, p.person_key, p.offering_key,
        count(*) as days, sum(case when r.tokens_per_day is null then 1 else 0 end) as days_without_rate,
            sum(r.tokens_per_day) as tokens
    from bare_day as p
    left join {{ source('reference', 'flex_rates') }} as r
        on r.review_month = p.review_month and r.offering_key = p.offering_key and r.valid_from <= p.day
            and p.day <= r.valid_to
    group by p.review_month, p.person_key, p.offering_key
)
select
    review_month, person_key, offering_key,
    cast(sum(days) as bigint) as days, sum(days_without_rate) as days_without_rate,
        cast(sum(tokens) as {{ total_type() }}) as tokens
from part
group by review_month, person_key, offering_key
