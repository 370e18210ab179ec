-- IDN-07: a seat that comes by two or more routes. Grain: (team, offering, person).
select
    {{ finding(
        'IDN-07', observed='a.route_count', threshold='1', excess='a.route_count - 1', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', severity="'low'", route='a.routes',
        recommended_action="'edit_group'", evidence='a.evidence', days_12m='a.days_12m',
        detail="'The seat is explained in ' || " ~ counted("a.route_count", "way")
            ~ " || ': ' || replace(replace(a.routes, 'group:', 'group '), ';', ', ') || '.'"
    ) }}
from {{ ref('int_assignment') }} as a
where a.route_count >= 2
