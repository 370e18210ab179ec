-- HUB-04: an invitation to a hub, or to a project of it, that has waited longer than allowed. Grain: (team, person);
-- scope = the hub; of several invitations the oldest.
with pending as (
    select h.review_month, h.team_alias, h.hub, h.person_key, min(h.invited_on) as invited_on,
        {{ days_between('min(m.as_of)', 'min(h.invited_on)') }} as days, {{ evidence('h.src') }} as evidence,
        count(*) as member_rows
    from {{ ref('int_hub_member') }} as h
    inner join {{ ref('int_month') }} as m on m.review_month = h.review_month
    where h.is_pending and h.invited_on is not null
    group by h.review_month, h.team_alias, h.hub, h.person_key
)
select
    {{ finding(
        'HUB-04', observed='p.days', threshold=param('HUB-04', 'days', 'p'), review_month='p.review_month',
        team='p.team_alias', person='p.person_key', scope='p.hub', severity="'low'",
        recommended_action="'withdraw_invitation'", evidence='p.evidence', evidence_count='p.member_rows',
        detail="'Invited on ' || p.invited_on || ', and not accepted ' || " ~ counted("p.days", "day") ~ " || ' later.'"
    ) }}
from pending as p
where p.days > {{ param('HUB-04', 'days', 'p') }}
