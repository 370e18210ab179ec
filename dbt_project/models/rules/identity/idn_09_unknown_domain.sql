-- IDN-09: a seat of somebody whose e-mail domain is not registered. Grain: (team, offering, person).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        1 as observed, 0 as threshold, a.price as exposure, a.currency, a.price_basis,
        'high' as severity, 'review' as recommended_action, a.routes as route,
        a.evidence, a.days_12m,
        'The domain ' || p.domain || ' is not among the registered ones.' as detail
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where not p.is_hash and p.domain_kind is null
)
select {{ finding('IDN-09', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
