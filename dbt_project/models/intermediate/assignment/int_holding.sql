-- Grain: (person, offering, held_through): what a person holds in any team: the seat's offering, and each member (at
-- as_of) of a collection held.
select distinct review_month, person_key, offering_key, offering_key as held_through from {{ ref('int_seat') }}
union
select distinct s.review_month, s.person_key, c.member_key as offering_key, s.offering_key as held_through
from {{ ref('int_seat') }} as s
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ source('reference', 'collection_members') }} as c
    on c.review_month = s.review_month and c.collection_key = s.offering_key and c.valid_from <= m.as_of
        and m.as_of <= c.valid_to
