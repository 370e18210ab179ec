-- ADM-03: an administrator who has left, is disabled or is absent. Grain: (team, person).
with found as (
    select
        a.review_month, a.team_alias, a.person_key,
        1 as observed, 0 as threshold, 'critical' as severity,
        'remove' as recommended_action,
        {{ evidence_with(evidence('a.src'), 'max(g.hr_src)', 'max(g.directory_src)') }} as evidence,
        'The administrator (' || {{ distinct_text('a.role', ', ') }} || ') ' || case max(g.reason)
            when 'left' then 'has left.'
            when 'disabled' then 'has a directory account that is off.'
            else 'is in neither directory, HR nor the contractor register.' end as detail
    from {{ ref('int_admin') }} as a
    inner join {{ ref('int_ghost') }} as g using (review_month, person_key)
    group by a.review_month, a.team_alias, a.person_key
)
select {{ finding('ADM-03', ['team_alias', 'person_key']) }}
from found
