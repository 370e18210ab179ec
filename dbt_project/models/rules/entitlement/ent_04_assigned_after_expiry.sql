-- ENT-04: assigned, nothing in force, and a subscription of the pair has ended. Grain: (team, offering).
with ended as (
    select p.*, {{ days_between('m.as_of', 'p.ended_on') }} as days_past
    from {{ ref('int_position') }} as p
    inner join {{ ref('int_month') }} as m on m.review_month = p.review_month
    where p.ent_04
)
select
    {{ finding(
        'ENT-04', observed='e.assigned', threshold='e.entitled', excess='e.gap_team', review_month='e.review_month',
        team='e.team_alias', offering='e.offering_key',
        exposure=['e.gap_team', 'e.price'], currency='e.currency', price_basis='e.price_basis',
        severity="case when e.days_past <= " ~ param_for('ENT-04', 'grace_days', 'e', 'e.offering_key')
            ~ " then 'medium' else 'critical' end",
        recommended_action="'unassign_or_renew'", confidence="case when x.names is not null
            or e.has_unknown_status then 'low' else 'high' end",
        evidence=joined_evidence('e.subscription_evidence', 'e.seat_evidence'),
        detail=counted("e.assigned", "seat") ~ " || ' still assigned, ' || " ~ counted("e.days_past", "day")
            ~ " || ' after the last subscription ended on ' || e.ended_on || '.' || case
            when x.names is not null
            then ' The team also has rows under names that are not in the table of names, which may belong here: '
            || replace(x.names, '_', ' ') || '.' else '' end || case
            when e.has_unknown_status
            then ' A subscription here has a status that no value table knows; it is counted by its dates.' else '' end"
    ) }}
from ended as e
left join {{ ref('int_unknown_name') }} as x on x.review_month = e.review_month and x.team_alias = e.team_alias
