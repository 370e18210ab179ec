-- Grain: (person, collection held) of which exactly one member was used in the window. Use names its product if that is a member, else its offering if that
-- is one; use that names no member counts for none.
with member_use as (
    select u.review_month, u.person_key, c.collection_key, c.member_key,
        case when c.member_key = u.product_key then 1 else 2 end as place, u.src,
        min(case when c.member_key = u.product_key then 1 else 2 end) over (partition by u.review_month, u.src, c.collection_key) as best_place
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = u.review_month and (c.member_key = u.offering_key or c.member_key = u.product_key)
        and c.valid_from <= u.day and u.day <= c.valid_to
    where u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
        and exists (
            select 1 from {{ ref('int_seat') }} as s
            where s.review_month = u.review_month and s.person_key = u.person_key and s.offering_key = c.collection_key)
)
select review_month, person_key, collection_key, min(member_key) as member_key, {{ evidence('src') }} as evidence, count(*) as evidence_rows
from member_use
where place = best_place
group by review_month, person_key, collection_key
having count(distinct member_key) = 1
