-- HUB-03: access to a cloud product of a hub by somebody who holds it in no team, neither itself nor through a
-- collection. Grain: (team, offering, person); scope = the hub. Whose right is not known is counted and not named.
with access as (
    select review_month, team_alias, hub, person_key, offering_key, count(*) as member_rows,
        {{ evidence('src') }} as evidence
    from {{ ref('int_hub_member') }}
    where offering_key is not null
    group by review_month, team_alias, hub, person_key, offering_key
)
select
    {{ finding(
        'HUB-03', observed='1', threshold='0', excess='1', review_month='a.review_month', team='a.team_alias',
        offering='a.offering_key', person='a.person_key', scope='a.hub', severity="'high'",
        recommended_action="'assign_or_stop'", evidence='a.evidence', evidence_count='a.member_rows',
        exposure='coalesce(p.price, o.price)',
        currency='case when p.price is not null then p.currency else o.currency end',
        price_basis="coalesce(case when p.price is not null then p.price_basis else o.price_basis end, 'none')",
        detail="'The hub gives access to the product in ' || " ~ counted("a.member_rows", "row")
            ~ " || ' of its members; no team gives the person a seat of it.'"
    ) }}
from access as a
inner join {{ source('reference', 'offerings') }} as k on k.review_month = a.review_month
    and k.offering_key = a.offering_key and {{ lower_case('k.kind') }} = 'cloud'
left join {{ ref('int_position') }} as p on p.review_month = a.review_month and p.team_alias = a.team_alias
    and p.offering_key = a.offering_key
left join {{ ref('int_offering_price') }} as o on o.review_month = a.review_month and o.offering_key = a.offering_key
where {{ concluded_of('HUB-03', 'a') }}
    and not exists (select 1 from {{ ref('int_holding') }} as h
        where h.review_month = a.review_month and h.person_key = a.person_key and h.offering_key = a.offering_key)
    and not exists (select 1 from {{ ref('int_right_not_known') }} as n
        where n.review_month = a.review_month and n.person_key = a.person_key and n.offering_key = a.offering_key)
