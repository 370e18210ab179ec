-- Grain: (person, offering held, period up to as_of, product named): days of use, as bits. A row of a member counts for
-- the collection that has its offering or its product as a member that day; it names its product, else the member
-- itself. product is null where the row of the offering itself names none.
with held as (
    select distinct review_month, person_key, offering_key from {{ ref('int_seat') }}
),
holders as (
    select h.review_month, h.person_key, h.offering_key, c.member_key, c.valid_from, c.valid_to
    from held as h
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = h.review_month
        and c.collection_key = h.offering_key
),
used as {{ not_materialized() }} (
    select u.review_month, u.person_key, u.offering_key, u.product_key, u.period, u.days
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.period <= m.as_of
)
select review_month, person_key, offering_key, period, product, bit_or(days) as days
from (
    select u.review_month, u.person_key, u.offering_key, u.period, u.product_key as product, u.days
    from used as u
    inner join held as h on h.review_month = u.review_month and h.person_key = u.person_key
        and h.offering_key = u.offering_key
    union all
    {% for member in ['offering_key', 'product_key'] %}
    select u.review_month, u.person_key, h.offering_key, u.period, coalesce(u.product_key, u.offering_key) as product,
        u.days & {{ days_within('u.period', 'h.valid_from', 'h.valid_to') }} as days
    from used as u
    inner join holders as h on h.review_month = u.review_month and h.person_key = u.person_key
        and h.member_key = u.{{ member }} and h.offering_key <> u.offering_key
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
where days <> 0
group by review_month, person_key, offering_key, period, product
