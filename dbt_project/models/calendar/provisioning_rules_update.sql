-- Grain: (review_month, team, group, offering), and one row per subject of IDN-10 and IDN-12: what to change in the
-- rules that give seats. Quarter months only. The proposed predicate is the smallest edit that removes the excess and
-- touches nobody who is meant or active; where no edit does that, the members of the excess are to be removed by name
-- (provisioning_excess). members = intended + unknown + excess; without HR nobody is known to be meant or not.
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
        g.*, n.rule_ids, i.in_drop as has_hr, r.proposed_predicate, r.edits, r.seats_freed, r.active_users_hit,
            r.kept_with_them, r.let_in, r.persons_let_in,
        case
            when instr(coalesce(n.rule_ids, ''), 'IDN-06') > 0 and g.active = 0 then 'remove'
            when instr(coalesce(n.rule_ids, ''), 'IDN-04') > 0 then case
                when r.helps and r.seats_freed > 0 then 'narrow' else 'remove_members' end
            when instr(coalesce(n.rule_ids, ''), 'IDN-05') > 0 then 'split'
            else 'keep'
        end as proposal
    from quarter as q
    inner join {{ ref('int_group_fact') }} as g on g.review_month = q.review_month
    inner join {{ ref('int_input_present') }} as i on i.review_month = q.review_month and i.input = 'hr_workers'
    left join named as n on n.review_month = g.review_month and n.team_alias = g.team_alias
        and n.offering_key = g.offering_key and n.group_name = g.group_name
    left join {{ ref('int_rule_repair') }} as r on r.review_month = g.review_month and r.team_alias = g.team_alias
        and r.group_name = g.group_name and r.offering_key = g.offering_key
)
select
    g.review_month, g.team_alias, g.group_name, g.offering_key, cast(null as string) as subject, g.members,
    case when g.has_predicate and g.has_hr then g.intended end as intended,
    g.unknown,
    case when g.has_predicate and g.has_hr then g.members - g.intended - g.unknown end as excess,
    case when {{ use_is_known('c') }} then cast(g.active as double) / nullif(g.members, 0) end as active_share,
    w.members_before, w.new_entities, g.proposal,
    case when g.proposal = 'remove' then null when g.proposal in ('narrow', 'split') then coalesce(g.proposed_predicate,
        g.intended_predicate) else g.intended_predicate end as proposed_predicate,
    case when g.proposal = 'remove' then null when g.proposal in ('narrow', 'split') then g.edits
        else 0 end as edit_size,
    case g.proposal when 'remove' then g.seats when 'keep' then 0 when 'remove_members' then g.seats_outside_idle
        else coalesce(g.seats_freed, 0) end as seats_freed,
    case when g.proposal in ('narrow', 'split') then coalesce(g.active_users_hit, 0) else 0 end as active_users_hit,
    case when g.proposal in ('narrow', 'split') then g.kept_with_them end as not_told_apart,
    case when g.proposal in ('narrow', 'split') then g.let_in end as kinds_let_in,
    case when g.proposal in ('narrow', 'split') then g.persons_let_in end as persons_let_in,
    g.rule_ids
from proposed as g
inner join {{ ref('int_clock') }} as c on c.review_month = g.review_month
left join {{ ref('int_group_growth') }} as w on w.review_month = g.review_month and w.team_alias = g.team_alias
    and w.group_name = g.group_name
union all
select
    f.review_month, f.team_alias, case when f.rule_id = 'IDN-12'
        and f.scope not in ('last_sync', 'sync_errors') then f.scope end, cast(null as string), f.scope,
    cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as bigint), cast(null as double),
        cast(null as bigint), cast(null as string),
    'fix_sync', cast(null as string), cast(null as bigint), cast(null as bigint), cast(null as bigint),
        cast(null as bigint), cast(null as bigint), cast(null as bigint), f.rule_id
from {{ ref('findings') }} as f
inner join quarter using (review_month)
where f.rule_id in ('IDN-10', 'IDN-12')
