-- Grain: (review_month, team, group, offering), and one row per subject of IDN-10 and IDN-12: what to change in the rules that give seats. Quarter
-- months only. The proposed predicate is the smallest edit that removes the excess and touches nobody who is meant or active.
with quarter as (
    select review_month from {{ ref('int_month') }} where substr(review_month, 6, 2) in ('03', '06', '09', '12')
),
named as (
    select r.review_month, r.team_alias, r.group_name, r.offering_key, {{ distinct_text('f.rule_id') }} as rule_ids
    from {{ ref('int_group_rule') }} as r
    inner join {{ ref('findings') }} as f
        on f.review_month = r.review_month and f.team_alias = r.team_alias and f.scope = r.group_name
        and ((f.rule_id in ('IDN-04', 'IDN-06') and f.offering_key = r.offering_key) or f.rule_id = 'IDN-05')
    group by r.review_month, r.team_alias, r.group_name, r.offering_key
),
proposed as (
    select
        g.*, n.rule_ids,
        case
            when strpos(coalesce(n.rule_ids, ''), 'IDN-06') > 0 and g.active = 0 then 'remove'
            when strpos(coalesce(n.rule_ids, ''), 'IDN-04') > 0 then 'narrow'
            when strpos(coalesce(n.rule_ids, ''), 'IDN-05') > 0 then 'split'
            else 'keep'
        end as proposal
    from quarter as q
    inner join {{ ref('int_group_fact') }} as g on g.review_month = q.review_month
    left join named as n on n.review_month = g.review_month and n.team_alias = g.team_alias and n.offering_key = g.offering_key and n.group_name = g.group_name
)
select
    g.review_month, g.team_alias, g.group_name, g.offering_key, cast(null as varchar) as subject, g.members,
    case when g.has_predicate then g.intended end as intended,
    g.unknown,
    case when g.has_predicate then g.members - g.intended end as excess,
    cast(g.active as double) / nullif(g.members, 0) as active_share,
    w.members_before, w.new_entities, g.proposal,
    case g.proposal when 'remove' then null when 'keep' then g.intended_predicate else coalesce(r.proposed_predicate, g.intended_predicate) end as proposed_predicate,
    case g.proposal when 'remove' then null when 'keep' then 0 else r.edits end as edit_size,
    case g.proposal when 'remove' then g.seats when 'keep' then 0 else coalesce(r.seats_freed, 0) end as seats_freed,
    case g.proposal when 'remove' then 0 when 'keep' then 0 else coalesce(r.active_users_hit, 0) end as active_users_hit,
    case when g.proposal in ('narrow', 'split') then r.kept_with_them end as not_told_apart,
    case when g.proposal in ('narrow', 'split') then r.let_in end as kinds_let_in,
    g.rule_ids
from proposed as g
left join {{ ref('int_group_growth') }} as w on w.review_month = g.review_month and w.team_alias = g.team_alias and w.group_name = g.group_name
left join {{ ref('int_rule_repair') }} as r on r.review_month = g.review_month and r.team_alias = g.team_alias and r.group_name = g.group_name and r.offering_key = g.offering_key
union all
select
    f.review_month, f.team_alias, case when f.rule_id = 'IDN-12' and f.scope not in ('last_sync', 'sync_errors') then f.scope end, cast(null as varchar), f.scope,
    cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as double), cast(null as bigint), cast(null as varchar),
    'fix_sync', cast(null as varchar), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), f.rule_id
from {{ ref('findings') }} as f
inner join quarter as q on q.review_month = f.review_month
where f.rule_id in ('IDN-10', 'IDN-12')
