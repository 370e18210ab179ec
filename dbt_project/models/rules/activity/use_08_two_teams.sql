-- USE-08: a person holds the same offering in more than one team. Grain: (offering, person).
with doubled as (
    select
        a.review_month, a.offering_key, a.person_key, count(*) as teams, min(a.price) as price,
        min_by(a.currency, a.price) as currency, coalesce(min_by(a.price_basis, a.price), 'none') as price_basis,
        max(a.days_12m) as days_12m, {{ distinct_text('a.team_alias', ', ') }} as team_list,
            {{ evidence('a.src') }} as evidence
    from {{ ref('int_assignment') }} as a
    group by a.review_month, a.offering_key, a.person_key
    having count(*) > 1
)
select
    {{ finding(
        'USE-08', observed='d.teams', threshold='1', excess='d.teams - 1', review_month='d.review_month',
        offering='d.offering_key', person='d.person_key', exposure=['d.teams - 1', 'd.price'], currency='d.currency',
            price_basis='d.price_basis',
        severity="'medium'", recommended_action="'unassign'", evidence='d.evidence', days_12m='d.days_12m',
        exposure_amount=money(['d.teams', 'd.price']) ~ ' - ' ~ money('d.price'),
        amount_now=money(['d.teams', 'd.price']), amount_alternative=money('d.price'),
        detail="'Holds the offering in ' || d.teams || ' teams: ' || d.team_list || '.'"
    ) }}
from doubled as d
