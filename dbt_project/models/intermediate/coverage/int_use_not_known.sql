-- Grain: (person, product, collection, day in the window): use of a product on a day on which the person's right to it
-- was not known: not held that day, but the collection was, and its list of members was not complete. The product is
-- that of the row where it names one, else its offering.
with held_all_along as (
    select h.review_month, h.person_key, h.offering_key
    from {{ ref('int_held_day') }} as h
    inner join {{ ref('int_month') }} as m on m.review_month = h.review_month
    where h.held_from <= {{ add_days('m.window_start', 1) }} and m.as_of <= h.held_to
),
-- Few pairs are in doubt at all; only their rows are looked at day by day.
pair as (
    select distinct u.review_month, u.person_key, coalesce(u.product_key, u.offering_key) as product_key
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where u.day > m.window_start and u.day <= m.as_of
        and exists (select 1 from {{ ref('int_open_holding') }} as o
            where o.review_month = u.review_month and o.person_key = u.person_key)
),
doubtful as (
    select p.review_month, p.person_key, p.product_key
    from pair as p
    where not exists (
            select 1 from held_all_along as h
            where h.review_month = p.review_month and h.person_key = p.person_key and h.offering_key = p.product_key)
        and not exists (select 1 from {{ ref('int_never_covered') }} as n
            where n.review_month = p.review_month and n.offering_key = p.product_key)
),
used as (
    select u.review_month, u.person_key, d.product_key, u.day, min(u.src) as src, count(*) as use_rows
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join doubtful as d
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
        select 1 from {{ ref('int_held_day') }} as h
        where h.review_month = u.review_month and h.person_key = u.person_key and h.offering_key = u.product_key
            and h.held_from <= u.day and u.day <= h.held_to)
