-- Grain: (person, product, collection, day in the window): use of a product on a day on which the person's right to it
-- was not known: not held that day, but the collection was, and its list of members was not complete. The product is
-- that of the row where it names one, else its offering.
with used as (
    select u.review_month, u.person_key, d.product_key, u.day, min(u.src) as src, count(*) as use_rows
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_doubtful_pair') }} as d
        on d.review_month = u.review_month and d.person_key = u.person_key
            and d.product_key = coalesce(u.product_key, u.offering_key)
    where u.day > m.window_start and u.day <= m.as_of
    group by u.review_month, u.person_key, d.product_key, u.day
)
select distinct u.review_month, u.person_key, u.product_key, o.collection_key, u.day, u.src, u.use_rows
from used as u
inner join {{ ref('int_open_holding') }} as o
    on o.review_month = u.review_month and o.person_key = u.person_key and o.open_from <= u.day and u.day <= o.open_to
left join {{ source('reference', 'collection_exclusions') }} as x
    on x.review_month = u.review_month and x.collection_key = o.collection_key and x.offering_key = u.product_key
    and x.valid_from <= u.day and u.day <= x.valid_to
where x.offering_key is null
    and not exists (
        select 1 from {{ ref('int_holding_day') }} as h
        where h.review_month = u.review_month and h.person_key = u.person_key and h.offering_key = u.product_key
            and h.held_from <= u.day and u.day <= h.held_to)
