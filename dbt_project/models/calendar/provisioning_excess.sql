-- Grain: (review_month, team, group, offering, person): the members of the column `excess` of provisioning_rules_update
-- by name: who has an HR record that the group's predicate does not mean. Quarter months only. Who uses what the group
-- grants, or where use is not known, is not to be removed without a question.
select
    u.review_month, u.team_alias, u.group_name, u.offering_key, member.person_key, p.email, p.display_name,
    p.department,
        p.legal_entity, p.cost_centre, p.country,
    member.has_seat, case when {{ use_is_known('c') }} then member.is_active end as is_active, u.proposal,
    case when u.proposal = 'keep' then 'keep' when not {{ use_is_known('c') }} or member.is_active then 'review'
        else 'remove' end as action,
    u.rule_ids
from {{ ref('provisioning_rules_update') }} as u
inner join {{ ref('int_group_member') }} as member
    on member.review_month = u.review_month and member.team_alias = u.team_alias and member.group_name = u.group_name
        and member.offering_key = u.offering_key and not member.satisfied
inner join {{ ref('int_person') }} as p on p.review_month = member.review_month and p.person_key = member.person_key
inner join {{ ref('int_clock') }} as c on c.review_month = u.review_month
where u.subject is null and u.review_month in (select m.review_month from {{ ref('int_month') }} as m)
