-- Grain: (person, collection held) of which exactly one member was used in the window (int_member_use). Evidence is
-- that of the cells, or of the rows where a member counts for some of a cell's days only.
with single as (
    select review_month, person_key, collection_key, min(member_key) as member_key, bool_and(is_whole) as is_whole,
        {{ evidence_of_lists('srcs') }} as evidence, cast(sum(use_rows) as bigint) as evidence_rows
    from {{ ref('int_member_use') }}
    group by review_month, person_key, collection_key
    having min(member_key) = max(member_key)
),
by_row as (
    select s.review_month, s.person_key, s.collection_key, {{ evidence('u.src') }} as evidence,
        count(*) as evidence_rows
    from single as s
    inner join {{ ref('int_use_row') }} as u on u.review_month = s.review_month and u.person_key = s.person_key
    left join {{ source('reference', 'collection_members') }} as p
        on p.review_month = u.review_month and p.collection_key = s.collection_key and p.member_key = u.product_key
        and p.valid_from <= u.day and u.day <= p.valid_to
    left join {{ source('reference', 'collection_members') }} as o
        on o.review_month = u.review_month and o.collection_key = s.collection_key and o.member_key = u.offering_key
        and o.valid_from <= u.day and u.day <= o.valid_to
    where not s.is_whole and (p.member_key is not null or o.member_key is not null)
    group by s.review_month, s.person_key, s.collection_key
)
select s.review_month, s.person_key, s.collection_key, s.member_key, coalesce(r.evidence, s.evidence) as evidence,
    coalesce(r.evidence_rows, s.evidence_rows) as evidence_rows
from single as s
left join by_row as r on r.review_month = s.review_month and r.person_key = s.person_key
    and r.collection_key = s.collection_key
