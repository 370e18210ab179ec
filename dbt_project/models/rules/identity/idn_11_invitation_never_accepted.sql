-- IDN-11: an invitation with an offering that was not accepted. Grain: (team, offering, person). High confidence if it
-- was so in drop(M-1) too.
with invited as (
    select u.review_month, u.team_alias, u.offering_key, u.person_key, {{ evidence('u.src') }} as evidence
    from {{ ref('int_portal_user') }} as u
    where u.account_status = 'pending' and u.offering_key is not null
    group by u.review_month, u.team_alias, u.offering_key, u.person_key
),
found as (
    select
        i.review_month, i.team_alias, i.offering_key, i.person_key,
        1 as observed, 0 as threshold,
        coalesce(p.price, o.price) as exposure, coalesce(p.currency, o.currency) as currency,
        coalesce(case when p.price is not null then p.price_basis end, o.price_basis, 'none') as price_basis,
        'low' as severity, case when b.person_key is not null then 'high' else 'low' end as confidence,
        'unassign' as recommended_action, i.evidence,
        'The invitation was not accepted'
            || case when b.person_key is not null then ', nor was it a month ago.' else '.' end as detail
    from invited as i
    left join {{ ref('int_previous_invitation') }} as b on b.review_month = i.review_month
        and b.team_alias = i.team_alias and b.offering_key = i.offering_key and b.person_key = i.person_key
    left join {{ ref('int_position') }} as p on p.review_month = i.review_month and p.team_alias = i.team_alias
        and p.offering_key = i.offering_key
    left join {{ ref('int_offering_price') }} as o on o.review_month = i.review_month
        and o.offering_key = i.offering_key
)
select {{ finding('IDN-11', ['team_alias', 'offering_key', 'person_key', 'exposure', 'confidence']) }}
from found
