-- Grain: (review_month, team, offering, person, group, entry of the directory): the groups out of which a person of the
-- de-provisioning list has to be taken, and how the directory writes the membership, where an export of it says so.
-- also_lost: what else these groups give the person.
with removal as (
    select l.review_month, l.team_alias, l.offering_key, l.person_key, g.group_name
    from {{ ref('deprovisioning_list') }} as l
    inner join {{ ref('int_portal_group') }} as g on g.review_month = l.review_month and g.team_alias = l.team_alias
        and g.person_key = l.person_key
    inner join {{ ref('int_group_rule') }} as r on r.review_month = g.review_month and r.team_alias = g.team_alias
        and r.group_name = g.group_name and r.offering_key = l.offering_key
    where l.action = 'edit_group' and l.review_month in (select m.review_month from {{ ref('int_month') }} as m)
),
other as (
    select x.review_month, x.team_alias, x.person_key, x.group_name, {{ distinct_text('r.offering_key') }} as also_lost
    from (select distinct review_month, team_alias, person_key, group_name from removal) as x
    inner join {{ ref('int_group_rule') }} as r using (review_month, team_alias, group_name)
    where not exists (
        select 1 from removal as y where y.review_month = x.review_month and y.team_alias = x.team_alias
            and y.person_key = x.person_key and y.group_name = x.group_name and y.offering_key = r.offering_key)
    group by x.review_month, x.team_alias, x.person_key, x.group_name
)
select
    x.review_month, x.team_alias, x.offering_key, x.person_key, x.group_name, o.also_lost, d.group_dn,
    d.member_attribute, d.member_value
from removal as x
left join other as o using (review_month, team_alias, person_key, group_name)
left join {{ ref('int_directory_member') }} as d on d.review_month = x.review_month and d.person_key = x.person_key
    and {{ lower_case('d.group_name') }} = {{ lower_case('x.group_name') }}
