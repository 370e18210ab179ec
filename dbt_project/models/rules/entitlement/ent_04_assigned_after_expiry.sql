-- ENT-04: assigned, nothing in force, and a subscription of the pair has ended. Grain: (team, offering).
with ended as (
    select p.*, {{ days_between('m.as_of', 'p.ended_on') }} as days_past
    from {{ ref('int_position') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
    where p.ent_04
),
found as (
    select
        e.review_month, e.team_alias, e.offering_key,
        e.assigned as observed, e.entitled as threshold, e.gap_team as excess,
        {{ exact(['e.gap_team', 'e.price']) }} as exposure, e.currency, e.price_basis,
        case when e.days_past <= {{ param_for('ENT-04', 'grace_days', 'e', 'e.offering_key') }} then 'medium'
            else 'critical' end as severity,
        case when x.names is not null or e.has_unknown_status then 'low' else 'high' end as confidence,
        'unassign_or_renew' as recommended_action,
        {{ joined_evidence('e.subscription_evidence', 'e.seat_evidence') }} as evidence,
        {{ counted('e.assigned', 'seat') }} || ' still assigned, ' || {{ counted('e.days_past', 'day') }}
            || ' after the last subscription ended on ' || e.ended_on || '.'
            || {{ note_on_names('x.names') }} || {{ note_on_status('e.has_unknown_status') }} as detail
    from ended as e
    left join {{ ref('int_unknown_name') }} as x using (review_month, team_alias)
)
select {{ finding('ENT-04', ['team_alias', 'offering_key', 'excess', 'exposure', 'confidence']) }}
from found
