-- Grain: (person, collection held, member used in the window). Use names its product if that is a member on its day,
-- else its offering if that is one; use that names no member counts for none. is_whole: the member has all days of
-- every cell that names it.
with held as (
    select distinct s.review_month, s.person_key, s.offering_key as collection_key
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_collection') }} as k on k.review_month = s.review_month
        and k.collection_key = s.offering_key
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = s.review_month
        and c.collection_key = s.offering_key
),
used as (
    select u.review_month, u.person_key, h.collection_key, u.product_key, u.offering_key, u.period,
        bit_or(u.days) as days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
    where u.period > m.window_start and u.period <= m.as_of
    group by u.review_month, u.person_key, h.collection_key, u.product_key, u.offering_key, u.period
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
),
told as (
    select review_month, person_key, collection_key, product_key as member_key,
        (days & product_days) <> 0 as is_counted,
        (days & product_days) = days as is_whole
    from counted
    where product_key is not null
    union all
    select review_month, person_key, collection_key, offering_key as member_key,
        (days & offering_days & ~product_days) <> 0 as is_counted,
        (days & offering_days & ~product_days) = days as is_whole
    from counted
    where offering_key is distinct from product_key
)
select review_month, person_key, collection_key, member_key, bool_and(is_whole) as is_whole
from told
group by review_month, person_key, collection_key, member_key
having bool_or(is_counted)
