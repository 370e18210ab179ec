-- Grain: (team, group, offering) in force at as_of: what a portal group grants, and the predicate that says who is
-- meant (null = unknown).
select
    r.review_month,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.group as group_name,
    r.offering_key,
    r.intended
from {{ source('reference', 'group_rules') }} as r
inner join {{ ref('int_month') }} as m using (review_month)
where r.valid_from <= m.as_of and m.as_of <= r.valid_to
