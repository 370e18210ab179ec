-- USE-02: a seat that was never used. Grain: (team, offering, person).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        {{ days_between('a.as_of', 'a.assigned_date') }} as observed,
        {{ param_for('USE-02', 'days', 'a', 'a.offering_key') }} as threshold,
        a.price as exposure, a.currency, a.price_basis, 'medium' as severity,
        case when a.has_group_route then 'edit_group' else 'unassign' end as recommended_action,
        a.routes as route, a.evidence, a.days_12m,
        'Assigned on ' || a.assigned_date || ' and never used since, as far as the files show.' as detail
    from {{ ref('int_assignment') }} as a
    where
        a.last_use is null
        and {{ concluded_of('USE-02', 'a') }} and not coalesce(a.access_unread, false)
        and a.assigned_date is not null
        and {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-02', 'days', 'a', 'a.offering_key') }}
)
select {{ finding('USE-02', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
