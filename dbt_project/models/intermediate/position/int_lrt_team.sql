-- Grain: (person, offering of the row, team): to which teams a person's telemetry of an offering in the window belongs:
-- those in which the person holds it, itself or through a collection at as_of; without such a seat the team in which an
-- auditor would count it.
with used as (
    select distinct review_month, person_key, offering_key from {{ ref('int_lrt_cell') }}
        where not is_excluded
),
holder as (
    select s.review_month, s.person_key, s.offering_key, s.team_alias from {{ ref('int_seat') }} as s
    union
    select s.review_month, s.person_key, c.member_key, s.team_alias
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = s.review_month and c.collection_key = s.offering_key and c.valid_from <= m.as_of
            and m.as_of <= c.valid_to
)
select u.review_month, u.person_key, u.offering_key, h.team_alias
from used as u
inner join holder as h using (review_month, person_key, offering_key)
union
select o.review_month, o.person_key, o.offering_key, o.team_alias
from {{ ref('int_auditor_outsider') }} as o
