-- Grain: (person, offering) whose right at as_of is not known: not held, but a collection is held whose list of members
-- is not complete. Only pairs that some rule asks about: used by telemetry, required by a feature used, charged in
-- tokens, accessible in a hub.
with asked as (
    select review_month, person_key, offering_key from {{ ref('int_lrt_cell') }}
    union
    select l.review_month, l.person_key, f.required_offering_key
    from {{ ref('int_lrt_event') }} as l
    inner join {{ source('reference', 'feature_requirements') }} as f
        on f.review_month = l.review_month and f.feature = l.feature and f.valid_from <= l.day and l.day <= f.valid_to
    union
    select review_month, person_key, offering_key from {{ ref('int_token_cost') }}
    union
    select review_month, person_key, offering_key from {{ ref('int_hub_member') }} where offering_key is not null
),
open_now as (
    select h.review_month, h.person_key, o.collection_key, m.as_of
    from {{ ref('int_holding') }} as h
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_open_collection') }} as o
        on o.review_month = h.review_month and o.collection_key = h.offering_key and o.open_from <= m.as_of
            and m.as_of <= o.open_to
)
select distinct a.review_month, a.person_key, a.offering_key
from asked as a
inner join open_now as c on c.review_month = a.review_month and c.person_key = a.person_key
left join {{ source('reference', 'collection_exclusions') }} as x
    on x.review_month = c.review_month and x.collection_key = c.collection_key and x.offering_key = a.offering_key
    and x.valid_from <= c.as_of and c.as_of <= x.valid_to
where x.offering_key is null
    and not exists (
        select 1 from {{ ref('int_holding') }} as h
        where h.review_month = a.review_month and h.person_key = a.person_key and h.offering_key = a.offering_key)
    and not exists (select 1 from {{ ref('int_never_covered') }} as n
        where n.review_month = a.review_month and n.offering_key = a.offering_key)
