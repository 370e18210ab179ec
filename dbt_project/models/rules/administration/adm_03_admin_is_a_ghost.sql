-- ADM-03: an administrator who has left, is disabled or is absent. Grain: (team, person).
select
    {{ finding(
        'ADM-03', observed='1', threshold='0', excess='1', review_month='a.review_month', team='a.team_alias', person='a.person_key',
        severity="'critical'", recommended_action="'remove'", evidence=evidence('a.src'),
        detail="'The administrator (' || " ~ distinct_text('a.role', ', ') ~ " || ') is a ghost: ' || max(g.reason) || '.'"
    ) }}
from {{ ref('int_admin') }} as a
inner join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
group by a.review_month, a.team_alias, a.person_key
