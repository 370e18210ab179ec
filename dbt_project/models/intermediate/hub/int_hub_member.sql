-- Grain: row of hub_members of drop(M) that is a membership now: of the hub itself (project null) or of a project, and
-- perhaps of a product. team_alias is null where the hub belongs to no team. What has ended is no membership; one of
-- unknown status is.
with named as (
    select
        s.review_month, s.product,
        coalesce(max(a.offering_key), 'unmapped:' || {{ fold('s.product') }}) as offering_key
    from (select distinct review_month, product from {{ ref('stg_portal__hub_members') }}
        where product is not null) as s
    inner join {{ ref('int_month') }} as m using (review_month)
    left join {{ source('reference', 'product_aliases') }} as a
        on a.review_month = s.review_month and a.alias = {{ fold('s.product') }} and a.valid_from <= m.as_of
            and m.as_of <= a.valid_to
    group by s.review_month, s.product
)
select
    r.review_month,
    r.team_alias,
    r.hub,
    r.project,
    {{ person_key('r') }} as person_key,
    n.offering_key,
    coalesce(r.administrator, false) as is_administrator,
    coalesce(r.status = 'pending', false) as is_pending,
    cast(r.invited_at as date) as invited_on,
    r.last_sign_in_at,
    r.src
from {{ ref('stg_portal__hub_members') }} as r
left join named as n using (review_month, product)
{{ person_joins('r') }}
where coalesce(r.status, '') <> 'ended'
