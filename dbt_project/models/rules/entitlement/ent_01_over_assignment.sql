-- ENT-01: more assigned than entitled in a team, where ENT-04 does not hold. Grain: (team, offering).
select
    {{ finding(
        'ENT-01', observed='p.assigned', threshold='p.entitled', excess='p.gap_team',
        review_month='p.review_month', team='p.team_alias', offering='p.offering_key',
        exposure=['p.gap_team', 'p.price'], currency='p.currency', price_basis='p.price_basis',
        severity="case when p.gap_org > 0 and (p.gap_org >= "
            ~ param_for('ENT-01', 'critical_seats', 'p', 'p.offering_key')
            ~ " or p.gap_org >= " ~ param_for('ENT-01', 'critical_share', 'p', 'p.offering_key')
                ~ " * p.org_entitled) then 'critical' else 'high' end",
        recommended_action="case when p.gap_org <= 0 then 'move' else 'unassign_or_buy' end",
        cure="case when p.gap_org <= 0 then 'move' else 'unassign_or_buy' end",
        seats_to_buy='greatest(0, p.gap_org)',
        confidence="case when x.names is not null or p.has_unknown_status then 'low' else 'high' end",
        evidence=joined_evidence('p.subscription_evidence', 'p.seat_evidence'),
            evidence_count=list_size('p.subscription_evidence') ~ ' + p.assigned',
        detail="p.assigned || ' seats are assigned against ' || p.entitled || ' entitled; over all teams ' || case
            when p.gap_org > 0 then p.gap_org || ' more are assigned than entitled.'
            when p.gap_org < 0 then -p.gap_org || ' are free.' else 'assigned and entitled are the same.' end || case
            when x.names is not null
            then ' The team also has rows under names that are not in the table of names, which may belong here: '
            || replace(x.names, '_', ' ') || '.' else '' end || case
            when p.has_unknown_status
            then ' A subscription here has a status that no value table knows; it is counted by its dates.' else '' end"
    ) }}
from {{ ref('int_position') }} as p
left join {{ ref('int_unknown_name') }} as x on x.review_month = p.review_month and x.team_alias = p.team_alias
where p.ent_01
