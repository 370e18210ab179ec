-- CON-02: a seat of somebody from an unknown domain who is not in the contractor register. Grain: (team, offering,
-- person).
select
    {{ finding(
        'CON-02', observed='1', threshold='0', excess='1', review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key', exposure='a.price',
            currency='a.currency', price_basis='a.price_basis',
        severity="'high'", route='a.routes', recommended_action="'review'", evidence='a.evidence',
            days_12m='a.days_12m',
        detail="'The domain ' || p.domain || ' is not registered, and the person is in no contractor register.'"
    ) }}
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
where not p.is_hash and p.domain_kind is null and not p.is_contractor and {{ concluded_of('CON-02', 'a') }}
