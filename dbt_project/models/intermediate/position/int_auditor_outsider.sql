-- Grain: (offering, person) with telemetry in the window who holds neither the offering nor a collection with it, in
-- the team with most of the person's rows of it, then by name. right_not_known: a collection that the person holds may
-- give the right; such a person is in no count.
with outsider_row as (
    select l.review_month, l.team_alias, l.offering_key, l.person_key, sum(l.use_rows) as event_rows
    from {{ ref('int_lrt_cell') }} as l
    where not l.is_excluded
        and not exists (
            select 1 from {{ ref('int_holding') }} as h
            where h.review_month = l.review_month and h.person_key = l.person_key and h.offering_key = l.offering_key)
    group by l.review_month, l.team_alias, l.offering_key, l.person_key
),
of_one_team as (
    select * from outsider_row
    qualify row_number() over (partition by review_month, offering_key, person_key order by event_rows desc,
        team_alias) = 1
)
select o.review_month, o.team_alias, o.offering_key, o.person_key, n.person_key is not null as right_not_known
from of_one_team as o
left join {{ ref('int_right_not_known') }} as n on n.review_month = o.review_month and n.person_key = o.person_key
    and n.offering_key = o.offering_key
