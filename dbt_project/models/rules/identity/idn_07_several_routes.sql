-- IDN-07: a seat that comes by two or more routes. Grain: (team, offering, person).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        a.route_count as observed, 1 as threshold, 'low' as severity,
        'edit_group' as recommended_action, a.routes as route, a.evidence, a.days_12m,
        'The seat is explained in ' || {{ counted('a.route_count', 'way') }} || ': '
            || replace(replace(a.routes, 'group:', 'group '), ';', ', ') || '.' as detail
    from {{ ref('int_assignment') }} as a
    where a.route_count >= 2
)
select {{ finding('IDN-07', ['team_alias', 'offering_key', 'person_key', 'route', 'days_12m']) }}
from found
