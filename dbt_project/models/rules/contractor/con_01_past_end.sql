-- CON-01: a contractor whose engagement has ended holds a seat. Grain: (team, offering, person).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        {{ days_between('a.as_of', 'p.contractor_end') }} as observed, 0 as threshold,
        a.price as exposure, a.currency, a.price_basis, 'critical' as severity,
        case when a.has_group_route then 'edit_group' else 'unassign' end as recommended_action,
        a.routes as route, {{ evidence_with('a.evidence', 'p.contractor_src') }} as evidence, a.days_12m,
        'The engagement ended on ' || p.contractor_end || '; the seat is still assigned.' as detail
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where p.is_contractor and p.contractor_end < a.as_of
)
select {{ finding('CON-01', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
