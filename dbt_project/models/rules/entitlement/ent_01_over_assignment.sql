-- ENT-01: more assigned than entitled in a team, where ENT-04 does not hold. Grain: (team, offering).
with found as (
    select
        p.review_month, p.team_alias, p.offering_key,
        p.assigned as observed, p.entitled as threshold, p.gap_team as excess,
        {{ exact(['p.gap_team', 'p.price']) }} as exposure, p.currency, p.price_basis,
        case when p.gap_org > 0 and (p.gap_org >= {{ param_for('ENT-01', 'critical_seats', 'p', 'p.offering_key') }}
                or p.gap_org >= {{ param_for('ENT-01', 'critical_share', 'p', 'p.offering_key') }} * p.org_entitled)
            then 'critical' else 'high' end as severity,
        case when x.names is not null or p.has_unknown_status then 'low' else 'high' end as confidence,
        case when p.gap_org <= 0 then 'move' else 'unassign_or_buy' end as recommended_action,
        {{ joined_evidence('p.subscription_evidence', 'p.seat_evidence') }} as evidence,
        {{ list_size('p.subscription_evidence') }} + p.assigned as evidence_count,
        greatest(0, p.gap_org) as seats_to_buy,
        case when p.gap_org <= 0 then 'move' else 'unassign_or_buy' end as cure,
        p.assigned || ' seats are assigned against ' || p.entitled || ' entitled; over all teams '
            || case when p.gap_org > 0 then p.gap_org || ' more are assigned than entitled.'
                when p.gap_org < 0 then -p.gap_org || ' are free.'
                else 'assigned and entitled are the same.' end
            || {{ note_on_names('x.names') }} || {{ note_on_status('p.has_unknown_status') }} as detail
    from {{ ref('int_position') }} as p
    left join {{ ref('int_unknown_name') }} as x using (review_month, team_alias)
    where p.ent_01
)
select {{ finding('ENT-01', ['team_alias', 'offering_key', 'excess', 'exposure', 'confidence', 'evidence_count',
    'seats_to_buy', 'cure']) }}
from found
