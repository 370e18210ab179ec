-- Grain: (person, collection held, member, cell of use in the window). Use names its product if that is a member on its
-- day, else its offering if that is one; use that names no member counts for none. is_whole: all days of the cell count
-- for the member.
with held as (
    select distinct s.review_month, s.person_key, s.offering_key as collection_key
    from {{ ref('int_seat') }} as s
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = s.review_month
        and c.collection_key = s.offering_key
),
used as (
    select u.review_month, u.person_key, h.collection_key, u.product_key, u.offering_key, u.period, u.days, u.use_rows,
        u.srcs
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
    where u.period > m.window_start and u.period <= m.as_of
),
-- The days of each period on which a product or offering is a member.
member_days as (
    select k.review_month, k.collection_key, k.period, c.member_key,
        bit_or({{ days_within('k.period', 'c.valid_from', 'c.valid_to') }}) as days
    from (select distinct review_month, collection_key, period from used) as k
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = k.review_month
        and c.collection_key = k.collection_key
    group by k.review_month, k.collection_key, k.period, c.member_key
),
counted as (
    select u.*, coalesce(p.days, 0) as product_days, coalesce(o.days, 0) as offering_days
    from used as u
    left join member_days as p on p.review_month = u.review_month and p.collection_key = u.collection_key
        and p.period = u.period and p.member_key = u.product_key
    left join member_days as o on o.review_month = u.review_month and o.collection_key = u.collection_key
        and o.period = u.period and o.member_key = u.offering_key
)
select review_month, person_key, collection_key, product_key as member_key, (days & product_days) = days as is_whole,
    use_rows, srcs
from counted
where (days & product_days) <> 0
union all
select review_month, person_key, collection_key, offering_key as member_key,
    (days & offering_days & ~product_days) = days as is_whole, use_rows, srcs
from counted
where (days & offering_days & ~product_days) <> 0
