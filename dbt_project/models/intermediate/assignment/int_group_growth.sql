-- Grain: (team, group) that is there now and was there three months ago: members then and now, members of now who may
-- have been there then (a row of theirs was rejected then), and legal entities that had no member then (only where HR
-- of both months is given and whole).
with hr as (
    select review_month from {{ ref('int_input_present') }} where input = 'hr_workers' and in_drop and in_prev3
),
before as (
    select review_month, team_alias, group_name, count(*) as members from {{ ref('int_previous_group_member') }}
        where months_back = 3 group by review_month, team_alias, group_name
),
current_members as (
    select g.review_month, g.team_alias, g.group_name, count(*) as members, {{ evidence('g.src') }} as evidence
    from {{ ref('int_portal_group') }} as g
    group by g.review_month, g.team_alias, g.group_name
),
entity as (
    select distinct g.review_month, g.team_alias, g.group_name, p.legal_entity
    from {{ ref('int_portal_group') }} as g
    inner join hr using (review_month)
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where p.legal_entity is not null and {{ concluded_of('IDN-05', 'g', 'new_entity') }}
        and {{ concluded_of('IDN-05', 'g') }}
),
unsure as (
    select g.review_month, g.team_alias, g.group_name, count(*) as members
    from {{ ref('int_portal_group') }} as g
    inner join {{ ref('int_inconclusive_person') }} as x on x.review_month = g.review_month
        and x.person_key = g.person_key and x.rule_id = 'IDN-05' and x.part = ''
    where not exists (
        select 1 from {{ ref('int_previous_group_member') }} as b
        where b.review_month = g.review_month and b.months_back = 3 and b.team_alias = g.team_alias
            and b.group_name = g.group_name and b.person_key = g.person_key)
    group by g.review_month, g.team_alias, g.group_name
),
new_entity as (
    select e.review_month, e.team_alias, e.group_name, {{ distinct_text('e.legal_entity') }} as new_entities
    from entity as e
    where not exists (
        select 1 from {{ ref('int_previous_group_member') }} as b
        where b.review_month = e.review_month and b.months_back = 3 and b.team_alias = e.team_alias
            and b.group_name = e.group_name
            and b.legal_entity = e.legal_entity)
    group by e.review_month, e.team_alias, e.group_name
)
select c.review_month, c.team_alias, c.group_name, c.members, b.members as members_before,
    coalesce(u.members, 0) as maybe_before, n.new_entities, c.evidence
from current_members as c
inner join before as b using (review_month, team_alias, group_name)
left join new_entity as n using (review_month, team_alias, group_name)
left join unsure as u using (review_month, team_alias, group_name)
