-- HUB-04: an invitation to a hub, or to a project of it, that has waited longer than allowed. Grain: (team, person);
-- scope = the hub; of several invitations the oldest.
with pending as (
    select h.review_month, h.team_alias, h.hub, h.person_key, min(h.invited_on) as invited_on,
        {{ days_between('min(m.as_of)', 'min(h.invited_on)') }} as days, {{ evidence_and_count('h.src') }}
    from {{ ref('int_hub_member') }} as h
    inner join {{ ref('int_month') }} as m using (review_month)
    where h.is_pending and h.invited_on is not null
    group by h.review_month, h.team_alias, h.hub, h.person_key
),
found as (
    select
        p.review_month, p.team_alias, p.person_key, p.hub as scope,
        p.days as observed, {{ param('HUB-04', 'days', 'p') }} as threshold, 'low' as severity,
        'withdraw_invitation' as recommended_action, p.evidence, p.evidence_count,
        'Invited on ' || p.invited_on || ', and not accepted ' || {{ counted('p.days', 'day') }} || ' later.' as detail
    from pending as p
    where p.days > {{ param('HUB-04', 'days', 'p') }}
)
select {{ finding('HUB-04', ['team_alias', 'person_key', 'scope', 'evidence_count']) }}
from found
