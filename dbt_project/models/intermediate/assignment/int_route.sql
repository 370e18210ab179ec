-- Grain: (team, offering, person) of A: how the seat came. One seat, however many routes; `direct` if nothing else
-- explains it.
with by_group as (
    select s.review_month, s.team_alias, s.offering_key, s.person_key, 'group:' || g.group_name as route
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_portal_group') }} as g on g.review_month = s.review_month and g.team_alias = s.team_alias
        and g.person_key = s.person_key
    inner join {{ ref('int_group_rule') }} as r
        on r.review_month = s.review_month and r.team_alias = s.team_alias and r.group_name = g.group_name
            and r.offering_key = s.offering_key
),
default_names as (
    select c.review_month, c.team_alias, trim(part) as name
    from (
        select review_month, team_alias, {{ split_rows('default_assignment_offerings') }} as part
        from {{ ref('stg_portal__sso_config') }}
        where default_assignment_offerings is not null
    ) as c
    where trim(part) <> ''
),
by_default as (
    select distinct s.review_month, s.team_alias, s.offering_key, s.person_key, 'default' as route
    from {{ ref('int_seat') }} as s
    inner join default_names as n on n.review_month = s.review_month and n.team_alias = s.team_alias
    inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
    left join {{ source('reference', 'product_aliases') }} as a
        on a.review_month = n.review_month and a.alias = {{ fold('n.name') }} and a.valid_from <= m.as_of
            and m.as_of <= a.valid_to
    where coalesce(a.offering_key, 'unmapped:' || {{ fold('n.name') }}) = s.offering_key
)
select
    review_month, team_alias, offering_key, person_key,
    {{ distinct_text('route') }} as routes,
    count(distinct route) as route_count,
    bool_or(route <> 'default') as has_group_route
from (
    select * from by_group
    union all
    select * from by_default
) as routed
group by review_month, team_alias, offering_key, person_key
