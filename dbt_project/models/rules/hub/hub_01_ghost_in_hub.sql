-- HUB-01: a member of a hub or of one of its projects who has left, is disabled or absent, or whose engagement ended.
-- Grain: (team, person); scope = the hub.
select
    {{ finding(
        'HUB-01', observed='1', threshold='0', excess='1', review_month='h.review_month', team='h.team_alias',
        person='h.person_key', scope='h.hub', recommended_action="'remove_from_hub'",
        severity="case when h.is_administrator then 'critical' else 'high' end",
        evidence=evidence_with('h.evidence', 'g.hr_src',
            'case when g.person_key is null then p.contractor_src else g.directory_src end'),
        evidence_count="h.member_rows + case when g.hr_src is not null then 1 else 0 end + case
            when coalesce(g.directory_src, case when g.person_key is null then p.contractor_src end) is not null then 1
            else 0 end",
        detail="'A member of the hub' || case when h.projects > 0 then ' and of ' || "
            ~ counted("h.projects", "project") ~ " || ' in it' else '' end || case when h.is_administrator
            then ', with the rights of an administrator,' else '' end
            || case when g.reason = 'left' then ' has left' || coalesce(' on ' || g.left_on, '') || '.'
            when g.reason = 'disabled' then ' has a directory account that is off.'
            when g.reason = 'absent' then ' is in neither directory, HR nor the contractor register.'
            else ' was engaged until ' || p.contractor_end || '.' end"
    ) }}
from {{ ref('int_hub_person') }} as h
inner join {{ ref('int_month') }} as m on m.review_month = h.review_month
inner join {{ ref('int_person') }} as p on p.review_month = h.review_month and p.person_key = h.person_key
left join {{ ref('int_ghost') }} as g on g.review_month = h.review_month and g.person_key = h.person_key
where g.person_key is not null or (p.is_contractor and p.contractor_end < m.as_of)
