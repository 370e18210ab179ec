-- Grain: offering to which a subscription in force gives somebody a right, itself, as a member of a collection, or (of
-- the offerings that lines of the claims name) as one that a collection may contain.
{{ config(materialized='view') }}
select review_month, offering_key from {{ ref('int_subscription') }} where in_force
union
select s.review_month, k.member_key
from {{ ref('int_subscription') }} as s
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ source('reference', 'collection_members') }} as k on k.review_month = s.review_month
    and k.collection_key = s.offering_key and k.valid_from <= m.as_of and m.as_of <= k.valid_to
where s.in_force
union
select c.review_month, c.offering_key
from {{ ref('int_claim') }} as c
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ ref('int_subscription') }} as s on s.review_month = c.review_month and s.in_force
inner join {{ ref('int_open_collection') }} as o on o.review_month = s.review_month
    and o.collection_key = s.offering_key and o.open_from <= m.as_of and m.as_of <= o.open_to
left join {{ ref('int_never_covered') }} as v on v.review_month = c.review_month
    and v.offering_key = c.offering_key
where v.offering_key is null
