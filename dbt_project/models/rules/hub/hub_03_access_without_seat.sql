-- HUB-03: access to a cloud product of a hub by somebody who holds it in no team, neither itself nor through a
-- collection. Grain: (team, offering, person); scope = the hub. Whose right is not known is counted and not named.
with access as (
    select review_month, team_alias, hub, person_key, offering_key, {{ evidence_and_count('src') }}
    from {{ ref('int_hub_member') }}
    where offering_key is not null
    group by review_month, team_alias, hub, person_key, offering_key
),
found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key, a.hub as scope,
        1 as observed, 0 as threshold, coalesce(p.price, o.price) as exposure,
        case when p.price is not null then p.currency else o.currency end as currency,
        coalesce(case when p.price is not null then p.price_basis else o.price_basis end, 'none') as price_basis,
        'high' as severity, 'assign_or_stop' as recommended_action,
        a.evidence, a.evidence_count,
        'The hub gives access to the product in ' || {{ counted('a.evidence_count', 'row') }}
            || ' of its members; no team gives the person a seat of it.' as detail
    from access as a
    inner join {{ source('reference', 'offerings') }} as k on k.review_month = a.review_month
        and k.offering_key = a.offering_key and {{ lower_case('k.kind') }} = 'cloud'
    left join {{ ref('int_position') }} as p on p.review_month = a.review_month and p.team_alias = a.team_alias
        and p.offering_key = a.offering_key
    left join {{ ref('int_offering_price') }} as o on o.review_month = a.review_month
        and o.offering_key = a.offering_key
    where {{ concluded_of('HUB-03', 'a') }}
        and not exists (select 1 from {{ ref('int_holding') }} as h
            where h.review_month = a.review_month and h.person_key = a.person_key and h.offering_key = a.offering_key)
        and not exists (select 1 from {{ ref('int_right_not_known') }} as n
            where n.review_month = a.review_month and n.person_key = a.person_key and n.offering_key = a.offering_key)
)
select {{ finding('HUB-03', ['team_alias', 'offering_key', 'person_key', 'scope', 'exposure', 'evidence_count']) }}
from found
