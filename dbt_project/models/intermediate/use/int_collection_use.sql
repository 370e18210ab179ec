-- Grain: (person, collection held) of which exactly one member was used in the window (int_member_use). Evidence is
-- that of the cells that name the member, or of the rows where the member counts for some of their days only.
with single as (
    select review_month, person_key, collection_key, min(member_key) as member_key, bool_and(is_whole) as is_whole
    from {{ ref('int_member_use') }}
    group by review_month, person_key, collection_key
    having min(member_key) = max(member_key)
),
-- Every use that names a member names this one, and all its days count.
by_cell as (
    select s.review_month, s.person_key, s.collection_key, {{ evidence_of_lists('u.srcs') }} as evidence,
        cast(sum(u.use_rows) as bigint) as evidence_rows
    from single as s
    inner join {{ ref('int_use_cell') }} as u on u.review_month = s.review_month and u.person_key = s.person_key
        and (u.product_key = s.member_key or u.offering_key = s.member_key)
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    where s.is_whole and u.period > m.window_start and u.period <= m.as_of
    group by s.review_month, s.person_key, s.collection_key
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
select s.review_month, s.person_key, s.collection_key, s.member_key, coalesce(c.evidence, r.evidence) as evidence,
    coalesce(c.evidence_rows, r.evidence_rows) as evidence_rows
from single as s
left join by_cell as c on c.review_month = s.review_month and c.person_key = s.person_key
    and c.collection_key = s.collection_key
left join by_row as r on r.review_month = s.review_month and r.person_key = s.person_key
    and r.collection_key = s.collection_key
