-- IDN-11: an invitation with an offering that was not accepted. Grain: (team, offering, person). High confidence if it
-- was so in drop(M-1) too.
with before as (
    select distinct
        m.review_month, coalesce(r.team_alias, '(single team)') as team_alias,
        coalesce(p.offering_key, 'unmapped:' || {{ fold('r.offering_name') }}) as offering_key,
        coalesce(a.email, r.email) as person_key
    from {{ ref('int_month') }} as m
    inner join {{ source('raw', 'users') }} as r on r._drop = m.prev_month
    left join {{ ref('int_offering_name') }} as p on p.review_month = m.review_month and p.name = r.offering_name
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = m.review_month
        and a.alias_email = r.email
    where r.account_status = 'pending' and r.offering_name is not null
),
invited as (
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
    left join before as b on b.review_month = i.review_month and b.team_alias = i.team_alias
        and b.offering_key = i.offering_key and b.person_key = i.person_key
    left join {{ ref('int_position') }} as p on p.review_month = i.review_month and p.team_alias = i.team_alias
        and p.offering_key = i.offering_key
    left join {{ ref('int_offering_price') }} as o on o.review_month = i.review_month
        and o.offering_key = i.offering_key
)
select {{ finding('IDN-11', ['team_alias', 'offering_key', 'person_key', 'exposure', 'confidence']) }}
from found
