-- Grain: (person, offering, period up to as_of): days of use, as bits. A row counts for its offering and for every
-- collection that the person holds and that has its offering or its product as a member that day (int_holding_use); it
-- does not count for a seat on the product alone.
select review_month, person_key, offering_key, period, bit_or(days) as days
from (
    select u.review_month, u.person_key, u.offering_key, u.period, u.days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.person_key is not null and u.period <= m.as_of
    union all
    select h.review_month, h.person_key, h.offering_key, h.period, h.days
    from {{ ref('int_holding_use') }} as h
)
group by review_month, person_key, offering_key, period
