-- USE-08: a person holds the same offering in more than one team. Grain: (offering, person).
-- The lowest price is the lowest in the organisation's currency. The amounts add up: what stays is what all seats cost,
-- less the exposure.
with seat as (
    select a.*, cast(a.price as double) * coalesce(cast(x.per_unit as double), 1) as worth
    from {{ ref('int_assignment') }} as a
    left join {{ ref('int_rate') }} as x on x.review_month = a.review_month and x.currency = a.currency
),
doubled as (
    select
        a.review_month, a.offering_key, a.person_key, count(*) as teams,
        {{ least_by('a.price', 'a.worth', ties=true) }} as price,
        {{ least_by('a.currency', 'a.worth', ties=true) }} as currency,
        coalesce({{ least_by('a.price_basis', 'a.worth', ties=true) }}, 'none') as price_basis,
        max(a.days_12m) as days_12m, {{ distinct_text('a.team_alias', ', ') }} as team_list,
            {{ evidence('a.src') }} as evidence
    from seat as a
    group by a.review_month, a.offering_key, a.person_key
    having count(*) > 1
),
found as (
    select
        d.review_month, d.offering_key, d.person_key,
        d.teams as observed, 1 as threshold,
        {{ exact(['d.teams - 1', 'd.price']) }} as exposure, d.currency, d.price_basis, 'medium' as severity,
        'unassign' as recommended_action, d.evidence, {{ money(['d.teams', 'd.price']) }} as amount_now,
        {{ money(['d.teams', 'd.price']) }} - {{ money(['d.teams - 1', 'd.price']) }} as amount_alternative,
        d.days_12m,
        'Holds the offering in ' || d.teams || ' teams: ' || d.team_list || '.' as detail
    from doubled as d
)
select {{ finding('USE-08', ['offering_key', 'person_key', 'exposure', 'amount_now', 'amount_alternative',
    'days_12m']) }}
from found
