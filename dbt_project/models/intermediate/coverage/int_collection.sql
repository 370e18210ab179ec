-- Grain: collection: an offering that `offerings` calls one, or about whose list of members somebody made a statement;
-- of what `offerings` does not know, whatever has members. A single product that brings others with it has members too
-- and is no collection: what is not on its list is not covered by it.
select review_month, offering_key as collection_key from {{ source('reference', 'offerings') }}
    where {{ fold('kind') }} = 'collection'
union
select review_month, collection_key from {{ source('reference', 'collection_coverage') }}
union
select c.review_month, c.collection_key
from {{ source('reference', 'collection_members') }} as c
where not exists (
    select 1 from {{ source('reference', 'offerings') }} as o
        where o.review_month = c.review_month and o.offering_key = c.collection_key)
