-- Grain: (person, product) used in the window by somebody who holds a collection whose list of members is not complete,
-- and who did not hold the product all along. The product is that of the row where it names one, else its offering.
with held_all_along as (
    select h.review_month, h.person_key, h.offering_key
    from {{ ref('int_holding_day') }} as h
    inner join {{ ref('int_month') }} as m using (review_month)
    where h.held_from <= {{ add_days('m.window_start', 1) }} and m.as_of <= h.held_to
),
pair as (
    select distinct u.review_month, u.person_key, coalesce(u.product_key, u.offering_key) as product_key
    from {{ ref('int_use_cell') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    where u.period > m.window_start and u.period <= m.as_of
        and exists (select 1 from {{ ref('int_open_holding') }} as o
            where o.review_month = u.review_month and o.person_key = u.person_key)
)
select p.review_month, p.person_key, p.product_key
from pair as p
where not exists (
        select 1 from held_all_along as h
        where h.review_month = p.review_month and h.person_key = p.person_key and h.offering_key = p.product_key)
    and not exists (select 1 from {{ ref('int_never_covered') }} as n
        where n.review_month = p.review_month and n.offering_key = p.product_key)
