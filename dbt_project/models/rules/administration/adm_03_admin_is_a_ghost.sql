-- ADM-03: an administrator who has left, is disabled or is absent. Grain: (team, person).
select
    {{ finding(
        'ADM-03', observed='1', threshold='0', excess='1', review_month='a.review_month', team='a.team_alias',
            person='a.person_key',
        severity="'critical'", recommended_action="'remove'",
            evidence=evidence_with(evidence('a.src'), 'max(g.hr_src)', 'max(g.directory_src)'),
        detail="'The administrator (' || " ~ distinct_text('a.role', ', ')
            ~ " || ') ' || case max(g.reason) when 'left' then 'has left.'
            when 'disabled' then 'has a directory account that is off.'
            else 'is in neither directory, HR nor the contractor register.' end"
    ) }}
from {{ ref('int_admin') }} as a
inner join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
group by a.review_month, a.team_alias, a.person_key
