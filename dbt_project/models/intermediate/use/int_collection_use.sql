-- Grain: (person, collection held) of which exactly one member was used in the window. Use names its product if that is
-- a member, else its offering if that is one; use that names no member counts for none.
with held as (
    select distinct s.review_month, s.person_key, s.offering_key as collection_key
    from {{ ref('int_seat') }} as s
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = s.review_month
        and c.collection_key = s.offering_key
),
used as (
    select u.review_month, u.person_key, h.collection_key, u.product_key, u.offering_key, u.day, u.src
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
    where u.day > m.window_start and u.day <= m.as_of
),
member_use as (
    select u.review_month, u.person_key, u.collection_key, c.member_key, u.src
    from used as u
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = u.review_month and c.collection_key = u.collection_key and c.member_key = u.product_key
        and c.valid_from <= u.day and u.day <= c.valid_to
    union all
    select u.review_month, u.person_key, u.collection_key, c.member_key, u.src
    from used as u
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = u.review_month and c.collection_key = u.collection_key and c.member_key = u.offering_key
        and c.valid_from <= u.day and u.day <= c.valid_to
    left join {{ source('reference', 'collection_members') }} as p
        on p.review_month = u.review_month and p.collection_key = u.collection_key and p.member_key = u.product_key
        and p.valid_from <= u.day and u.day <= p.valid_to
    where p.member_key is null
)
select review_month, person_key, collection_key, min(member_key) as member_key, {{ evidence('src') }} as evidence,
    count(*) as evidence_rows
from member_use
group by review_month, person_key, collection_key
having min(member_key) = max(member_key)
