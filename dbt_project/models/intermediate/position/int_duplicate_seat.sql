-- Grain: (rule, team, offering, person, collection or ''): seats that are there twice. USE-07: the member's seat beside
-- a collection's in one team, of two that have each other the later by key: one of them stays;
-- USE-08: every seat of an offering that a person has in more than one team.
with member_seat as (
    select s.review_month, s.team_alias, s.offering_key, s.person_key, k.offering_key as collection_key
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = s.review_month and c.member_key = s.offering_key and c.valid_from <= m.as_of
            and m.as_of <= c.valid_to
    inner join {{ ref('int_seat') }} as k
        on k.review_month = s.review_month and k.team_alias = s.team_alias and k.person_key = s.person_key
            and k.offering_key = c.collection_key
    left join {{ source('reference', 'collection_members') }} as r
        on r.review_month = c.review_month and r.collection_key = c.member_key and r.member_key = c.collection_key
            and r.valid_from <= m.as_of and m.as_of <= r.valid_to
    where r.member_key is null or c.member_key > c.collection_key
),
teams as (
    select review_month, offering_key, person_key, count(*) as teams
    from {{ ref('int_seat') }}
    group by review_month, offering_key, person_key
    having count(*) > 1
)
select distinct review_month, 'USE-07' as rule_id, team_alias, offering_key, person_key, collection_key, 2 as seats
    from member_seat
union all
select s.review_month, 'USE-08', s.team_alias, s.offering_key, s.person_key, '' as collection_key, t.teams
from {{ ref('int_seat') }} as s
inner join teams as t using (review_month, offering_key, person_key)
