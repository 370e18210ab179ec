-- IDN-09: a seat of somebody whose e-mail domain is not registered. Grain: (team, offering, person).
select
    {{ finding(
        'IDN-09', observed='1', threshold='0', excess='1', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', exposure='a.price',
            currency='a.currency', price_basis='a.price_basis',
        severity="'high'", route='a.routes', recommended_action="'review'", evidence='a.evidence',
            days_12m='a.days_12m',
        detail="'The domain ' || p.domain || ' is not among the registered ones.'"
    ) }}
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
where not p.is_hash and p.domain_kind is null
