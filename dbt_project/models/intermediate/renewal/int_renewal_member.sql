-- Grain: (collection, member) at as_of, in months with a brief.
select c.review_month, c.collection_key, c.member_key
from {{ source('reference', 'collection_members') }} as c
inner join {{ ref('int_month') }} as m on m.review_month = c.review_month and c.valid_from <= m.as_of
    and m.as_of <= c.valid_to
where exists (select 1 from {{ ref('int_renewal_pair') }} as r where r.review_month = c.review_month)
