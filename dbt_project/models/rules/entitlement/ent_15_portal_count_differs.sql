-- ENT-15: the portal shows other seats for a team and offering than the files add up to. Grain: (team, offering);
-- scope = total (seats there against E(as_of)) or assigned (seats assigned against A).
with compared as (
    select a.*, 'total' as scope, a.seats_total as shown, a.entitled as counted,
        a.subscription_evidence as counted_evidence, {{ list_size('a.subscription_evidence') }} as counted_rows
    from {{ ref('int_product_access') }} as a
    where {{ concluded('ENT-15', 'a', 'total') }}
    union all
    select a.*, 'assigned', a.seats_assigned, a.assigned, a.seat_evidence, a.assigned
    from {{ ref('int_product_access') }} as a
    where {{ concluded('ENT-15', 'a', 'assigned') }}
),
found as (
    select
        c.review_month, c.team_alias, c.offering_key, c.scope,
        c.shown as observed, c.counted as threshold, 'medium' as severity,
        case when c.scope = 'total' and c.has_unknown_status then 'low' else 'high' end as confidence,
        'reconcile' as recommended_action,
        {{ joined_evidence('c.evidence', 'c.counted_evidence') }} as evidence,
        c.shown_rows + c.counted_rows as evidence_count,
        case when c.scope = 'total'
            then 'The portal shows ' || {{ counted('c.shown', 'seat') }} || ', the subscriptions in force have '
            else 'The portal shows ' || {{ counted('c.shown', 'assigned seat') }}
                || ', the lists of users and usage have ' end || c.counted || '.'
            || case when c.offering_key like 'unmapped:%' then ' The name is not in the table of names: '
                || 'other files may show the same seats under another name.'
                else {{ note_on_status("(c.scope = 'total' and c.has_unknown_status)") }} end as detail
    from compared as c
    where c.shown <> c.counted
)
select {{ finding('ENT-15', ['team_alias', 'offering_key', 'scope', 'confidence', 'evidence_count']) }}
from found
