-- ADM-07: a team with fewer than two administrators, or whose primary administrators are all ghosts. Grain: team.
with team as (
    select
        u.review_month, u.team_alias,
        count(distinct case when u.is_admin then u.person_key end) as admins,
        count(distinct case when u.is_admin and instr(u.role_folded, 'primary') > 0 then u.person_key
            end) as primaries,
        count(distinct case when u.is_admin and instr(u.role_folded, 'primary') > 0
            and g.person_key is not null then u.person_key end) as ghost_primaries,
        -- The administrators; of a team without any, its members.
        coalesce({{ evidence('case when u.is_admin then u.src end') }}, {{ evidence('u.src') }}) as evidence
    from {{ ref('int_portal_user') }} as u
    left join {{ ref('int_ghost') }} as g on g.review_month = u.review_month and g.person_key = u.person_key
    group by u.review_month, u.team_alias
),
found as (
    select
        t.review_month, t.team_alias,
        t.admins as observed, 2 as threshold, greatest(0, 2 - t.admins) as excess,
        'high' as severity, 'appoint' as recommended_action, t.evidence,
        'The team has ' || {{ counted('t.admins', 'administrator') }}
            || case when t.primaries > 0 and t.primaries = t.ghost_primaries
                then '; every primary administrator (' || t.primaries || ') has left, is disabled or unknown.'
                else '.' end as detail
    from team as t
    where (t.admins < 2 or (t.primaries > 0 and t.primaries = t.ghost_primaries)) and {{ concluded('ADM-07', 't') }}
)
select {{ finding('ADM-07', ['team_alias', 'excess']) }}
from found
