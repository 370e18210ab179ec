-- HUB-01: a member of a hub or of one of its projects who has left, is disabled or absent, or whose engagement ended.
-- Grain: (team, person); scope = the hub.
with found as (
    select
        h.review_month, h.team_alias, h.person_key, h.hub as scope,
        1 as observed, 0 as threshold,
        case when h.is_administrator then 'critical' else 'high' end as severity,
        'remove_from_hub' as recommended_action,
        {{ evidence_and_count_with('h.evidence', 'h.member_rows', 'g.hr_src',
            'case when g.person_key is null then p.contractor_src else g.directory_src end') }},
        'A member of the hub'
            || case when h.projects > 0
                then ' and of ' || {{ counted('h.projects', 'project') }} || ' in it' else '' end
            || case when h.is_administrator then ', with the rights of an administrator,' else '' end
            || case g.reason
                when 'left' then ' has left' || coalesce(' on ' || g.left_on, '') || '.'
                when 'disabled' then ' has a directory account that is off.'
                when 'absent' then ' is in neither directory, HR nor the contractor register.'
                else ' was engaged until ' || p.contractor_end || '.' end as detail
    from {{ ref('int_hub_person') }} as h
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    left join {{ ref('int_ghost') }} as g on g.review_month = h.review_month and g.person_key = h.person_key
    where g.person_key is not null or (p.is_contractor and p.contractor_end < m.as_of)
)
select {{ finding('HUB-01', ['team_alias', 'person_key', 'scope', 'evidence_count']) }}
from found
