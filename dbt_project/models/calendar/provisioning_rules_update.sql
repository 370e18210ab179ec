-- Grain: (review_month, team, group, offering), and one row per subject of IDN-10: what to change in the rules that give seats. Quarter months only.
with quarter as (
    select review_month, prev_month from {{ ref('int_month') }} where substr(review_month, 6, 2) in ('03', '06', '09', '12')
),
named as (
    select f.review_month, f.team_alias, f.offering_key, f.scope, {{ distinct_text('f.rule_id') }} as rule_ids
    from {{ ref('findings') }} as f
    where f.rule_id in ('IDN-04', 'IDN-06')
    group by f.review_month, f.team_alias, f.offering_key, f.scope
),
before as (
    select q.review_month, coalesce(g.team_alias, '(single team)') as team_alias, g."group" as group_name, count(distinct g.email) as members_before
    from quarter as q
    inner join {{ ref('int_month') }} as m on m.review_month = q.review_month
    inner join {{ source('raw', 'groups') }} as g on g._drop = m.month_minus_3
    group by q.review_month, coalesce(g.team_alias, '(single team)'), g."group"
)
select
    g.review_month, g.team_alias, g.group_name, g.offering_key, g.members,
    case when g.has_predicate then g.intended end as intended,
    g.unknown,
    case when g.has_predicate then g.members - g.intended end as excess,
    cast(g.active as double) / nullif(g.members, 0) as active_share,
    b.members_before,
    cast(null as varchar) as new_entities,
    case when strpos(coalesce(n.rule_ids, ''), 'IDN-04') > 0 then 'narrow' else 'keep' end as proposal,
    g.intended_predicate as proposed_predicate,
    g.seats_outside as seats_freed,
    g.active_outside as active_users_hit,
    n.rule_ids
from quarter as q
inner join {{ ref('int_group_fact') }} as g on g.review_month = q.review_month
left join named as n on n.review_month = g.review_month and n.team_alias = g.team_alias and n.offering_key = g.offering_key and n.scope = g.group_name
left join before as b on b.review_month = g.review_month and b.team_alias = g.team_alias and b.group_name = g.group_name
union all
select
    f.review_month, f.team_alias, cast(null as varchar), cast(null as varchar), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint),
    cast(null as double), cast(null as bigint), cast(null as varchar), 'fix_sync', cast(null as varchar), cast(null as bigint), cast(null as bigint), f.rule_id
from {{ ref('findings') }} as f
inner join quarter as q on q.review_month = f.review_month
where f.rule_id in ('IDN-10', 'IDN-12')
