-- Grain: (team, offering, person) of A whose route is known: how the seat came. One seat, however many routes; `direct`
-- if nothing else explains it. Where the portal says how a seat was assigned, that is its route: direct, by a group
-- (those that grant it; `group` if none is known to), or to the whole team (`default`).
with stated as (
    select s.review_month, s.team_alias, s.offering_key, s.person_key,
        bool_or(u.assignment_type = 'direct') as is_direct, bool_or(u.assignment_type = 'group') as is_by_group,
        bool_or(u.assignment_type = 'team') as is_by_team
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_portal_user') }} as u using (review_month, team_alias, offering_key, person_key)
    where u.assignment_type in ('direct', 'group', 'team')
    group by s.review_month, s.team_alias, s.offering_key, s.person_key
),
by_group as (
    select s.review_month, s.team_alias, s.offering_key, s.person_key, 'group:' || g.group_name as route
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_portal_group') }} as g using (review_month, team_alias, person_key)
    inner join {{ ref('int_group_rule') }} using (review_month, team_alias, group_name, offering_key)
),
default_names as (
    select c.review_month, c.team_alias, {{ trimmed('part') }} as name
    from (
        select review_month, team_alias, {{ split_rows('default_assignment_offerings') }} as part
        from {{ ref('stg_portal__sso_config') }}
        where default_assignment_offerings is not null
    ) as c
    where {{ trimmed('part') }} <> ''
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
),
routed as (
    select w.review_month, w.team_alias, w.offering_key, w.person_key, w.route
    from (
        select * from by_group
        union all
        select * from by_default
    ) as w
    left join stated as t on t.review_month = w.review_month and t.team_alias = w.team_alias
        and t.offering_key = w.offering_key and t.person_key = w.person_key
    where t.person_key is null or (w.route <> 'default' and t.is_by_group) or (w.route = 'default' and t.is_by_team)
    union all
    select review_month, team_alias, offering_key, person_key, 'direct' from stated where is_direct
    union all
    select review_month, team_alias, offering_key, person_key, 'default' from stated where is_by_team
    union all
    select t.review_month, t.team_alias, t.offering_key, t.person_key, 'group'
    from stated as t
    where t.is_by_group and not exists (
        select 1 from by_group as g where g.review_month = t.review_month and g.team_alias = t.team_alias
            and g.offering_key = t.offering_key and g.person_key = t.person_key)
)
select
    review_month, team_alias, offering_key, person_key,
    {{ distinct_text('route') }} as routes,
    count(distinct case when route <> 'direct' then route end) as route_count,
    bool_or(route not in ('default', 'direct')) as has_group_route
from routed
group by review_month, team_alias, offering_key, person_key
