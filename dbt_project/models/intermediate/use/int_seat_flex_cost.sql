-- Grain: (person, offering held) with use in the window: what its use days would have cost in tokens. Per day each product named once, or the
-- offering itself if none is named; tokens is null where a rate is missing (days_without_rate > 0).
with held as (
    select distinct review_month, person_key, offering_key from {{ ref('int_seat') }}
),
used as (
    select distinct u.review_month, u.person_key, u.offering_key, u.product_key, u.day
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
),
named as (
    select h.review_month, h.person_key, h.offering_key, u.day, u.product_key as product
    from held as h
    inner join used as u on u.review_month = h.review_month and u.person_key = h.person_key and u.offering_key = h.offering_key
    union
    -- A row of a member counts for the collection; it names its product, else the member itself.
    select h.review_month, h.person_key, h.offering_key, u.day, coalesce(u.product_key, u.offering_key) as product
    from held as h
    inner join used as u on u.review_month = h.review_month and u.person_key = h.person_key and u.offering_key <> h.offering_key
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = h.review_month and c.collection_key = h.offering_key
        and (c.member_key = u.offering_key or c.member_key = u.product_key)
        and c.valid_from <= u.day and u.day <= c.valid_to
),
priced_day as (
    select n.review_month, n.person_key, n.offering_key, n.day, coalesce(n.product, n.offering_key) as product
    from named as n
    where
        n.product is not null
        or not exists (
            select 1 from named as o
            where o.review_month = n.review_month and o.person_key = n.person_key and o.offering_key = n.offering_key
                and o.day = n.day and o.product is not null
        )
)
select
    p.review_month, p.person_key, p.offering_key,
    count(distinct p.day) as days,
    sum(case when r.tokens_per_day is null then 1 else 0 end) as days_without_rate,
    cast(sum(r.tokens_per_day) as decimal(18,4)) as tokens
from priced_day as p
left join {{ source('reference', 'flex_rates') }} as r
    on r.review_month = p.review_month and r.offering_key = p.product and r.valid_from <= p.day and p.day <= r.valid_to
group by p.review_month, p.person_key, p.offering_key
