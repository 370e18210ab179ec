-- Grain: (person, offering, period up to as_of): days of use, as bits. A row counts for its offering and for every
-- collection that the person holds and that has its offering or its product as a member that day; it does not count for
-- a seat on the product alone.
with holders as (
    select distinct s.review_month, s.person_key, s.offering_key, c.member_key, c.valid_from, c.valid_to
    from {{ ref('int_seat') }} as s
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = s.review_month
        and c.collection_key = s.offering_key
)
select review_month, person_key, offering_key, period, bit_or(days) as days
from (
    select u.review_month, u.person_key, u.offering_key, u.period, u.days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.person_key is not null and u.period <= m.as_of
    union all
    select u.review_month, u.person_key, h.offering_key, u.period,
        u.days & {{ days_within('u.period', 'h.valid_from', 'h.valid_to') }} as days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join holders as h
        on h.review_month = u.review_month and h.person_key = u.person_key and h.member_key = u.offering_key
    where u.period <= m.as_of
    union all
    select u.review_month, u.person_key, h.offering_key, u.period,
        u.days & {{ days_within('u.period', 'h.valid_from', 'h.valid_to') }} as days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join holders as h
        on h.review_month = u.review_month and h.person_key = u.person_key and h.member_key = u.product_key
    where u.period <= m.as_of
)
where days <> 0
group by review_month, person_key, offering_key, period
