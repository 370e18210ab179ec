-- Grain: (person, offering, day <= as_of). A row counts for its offering and for every collection that the person holds
-- and that has its offering or its product as a member that day; it does not count for a seat on the product alone.
with holders as (
    select distinct s.review_month, s.person_key, s.offering_key, c.member_key, c.valid_from, c.valid_to
    from {{ ref('int_seat') }} as s
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = s.review_month
        and c.collection_key = s.offering_key
)
select review_month, person_key, offering_key, day, min(src) as src
from (
    select u.review_month, u.person_key, u.offering_key, u.day, u.src
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.person_key is not null and u.day <= m.as_of
    union all
    select u.review_month, u.person_key, h.offering_key, u.day, u.src
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join holders as h
        on h.review_month = u.review_month and h.person_key = u.person_key
            and (h.member_key = u.offering_key or h.member_key = u.product_key)
        and h.valid_from <= u.day and u.day <= h.valid_to
    where u.day <= m.as_of
)
group by review_month, person_key, offering_key, day
