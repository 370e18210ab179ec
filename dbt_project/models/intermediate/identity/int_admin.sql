-- Grain: (team, person, folded admin role) of the portal.
select u.review_month, u.team_alias, u.person_key, u.role_folded, min(u.role) as role,
    {{ evidence('u.src') }} as evidence, min(u.src) as src
from {{ ref('int_portal_user') }} as u
where u.is_admin
group by u.review_month, u.team_alias, u.person_key, u.role_folded
