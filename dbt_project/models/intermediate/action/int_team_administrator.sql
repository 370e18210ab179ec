-- Grain: (review_month, team, place): the first two administrators of a team to be asked: primary before secondary
-- before others, then by name. Who is a ghost is not asked.
with ranked as (
    select a.review_month, a.team_alias, a.person_key,
        min(case when instr(a.role_folded, 'primary') > 0 then 1 when instr(a.role_folded, 'secondary') > 0 then 2
            else 3 end) as rank
    from {{ ref('int_admin') }} as a
    left join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
    where g.person_key is null and a.person_key is not null
    group by a.review_month, a.team_alias, a.person_key
)
select review_month, team_alias, person_key,
    row_number() over (partition by review_month, team_alias order by rank, person_key) as place
from ranked
qualify row_number() over (partition by review_month, team_alias order by rank, person_key) <= 2
