-- ENT-15: the portal shows other seats for a team and offering than the files add up to. Grain: (team, offering);
-- scope = total (seats there against E(as_of)) or assigned (seats assigned against A).
with compared as (
    select a.*, 'total' as scope, a.seats_total as shown, a.entitled as counted
    from {{ ref('int_product_access') }} as a
    where {{ concluded('ENT-15', 'a', 'total') }}
    union all
    select a.*, 'assigned', a.seats_assigned, a.assigned
    from {{ ref('int_product_access') }} as a
    where {{ concluded('ENT-15', 'a', 'assigned') }}
)
select
    {{ finding(
        'ENT-15', observed='c.shown', threshold='c.counted', review_month='c.review_month', team='c.team_alias',
        offering='c.offering_key', scope='c.scope', severity="'medium'", recommended_action="'reconcile'",
        confidence="case when c.scope = 'total' and c.has_unknown_status then 'low' else 'high' end",
        evidence=joined_evidence('c.evidence', "case when c.scope = 'total' then c.subscription_evidence
            else c.seat_evidence end"),
        evidence_count="c.shown_rows + case when c.scope = 'total' then "
            ~ list_size('c.subscription_evidence') ~ " else c.counted end",
        detail="case when c.scope = 'total' then 'The portal shows ' || " ~ counted("c.shown", "seat")
            ~ " || ', the subscriptions in force have ' || c.counted || '.' else 'The portal shows ' || "
            ~ counted("c.shown", "assigned seat") ~ " || ', the lists of users and usage have ' || c.counted || '.'
            end || case when c.offering_key like 'unmapped:%' then ' The name is not in the table of names: '
            || 'other files may show the same seats under another name.' when c.scope = 'total' and c.has_unknown_status
            then ' A subscription here has a status that no value table knows; it is counted by its dates.' else '' end"
    ) }}
from compared as c
where c.shown <> c.counted
