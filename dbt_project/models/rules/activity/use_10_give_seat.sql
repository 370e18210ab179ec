-- USE-10: a seat that comes free serves somebody who pays more in tokens. Grain: (team, offering, person) of the seat; scope = the receiver.
select
    {{ finding(
        'USE-10', observed='1', threshold='0', review_month='s.review_month', team='s.team_alias', offering='s.offering_key', person='s.person_key',
        scope='s.receiver_person_key', severity="'info'", recommended_action="'give_seat'", evidence=evidence_of('a.src'), route='a.routes',
        days_12m='a.days_12m', amount_now='s.cost', amount_alternative='0', receiver='s.receiver_person_key',
        detail="'This seat comes free; ' || s.receiver_person_key || ' pays ' || s.cost || ' a year in tokens for the same offering' || case when s.own_team = s.team_alias then '.' else ', in team ' || coalesce(s.own_team, 'unknown') || '.' end"
    ) }}
from {{ ref('int_seat_match') }} as s
inner join {{ ref('int_assignment') }} as a
    on a.review_month = s.review_month and a.team_alias = s.team_alias and a.offering_key = s.offering_key and a.person_key = s.person_key
