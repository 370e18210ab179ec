-- Grain: (person, collection, stretch of days): the days on which the person held a collection whose list of members
-- was not complete.
select distinct h.review_month, h.person_key, o.collection_key, greatest(h.held_from, o.open_from) as open_from,
    least(h.held_to, o.open_to) as open_to
from {{ ref('int_holding_day') }} as h
inner join {{ ref('int_open_collection') }} as o
    on o.review_month = h.review_month and o.collection_key = h.offering_key and o.open_from <= h.held_to
        and h.held_from <= o.open_to
