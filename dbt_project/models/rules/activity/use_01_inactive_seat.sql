-- USE-01: a seat whose last use is long ago. Grain: (team, offering, person).
with found as (
    select
        a.review_month, a.team_alias, a.offering_key, a.person_key,
        a.days_inactive as observed, {{ param_for('USE-01', 'days', 'a', 'a.offering_key') }} as threshold,
        a.price as exposure, a.currency, a.price_basis,
        case when a.ent_01 then 'high' else 'medium' end as severity,
        case when a.hr_status = 'on_leave' then 'hold'
            when a.has_group_route then 'edit_group' else 'unassign' end as recommended_action,
        a.routes as route, a.evidence, a.days_12m,
        'Last used on ' || a.last_use || ', ' || {{ counted('a.days_inactive', 'day') }}
            || ' before the last complete day of the data, ' || a.cutoff || '.' as detail
    from {{ ref('int_assignment') }} as a
    where
        a.days_inactive >= {{ param_for('USE-01', 'days', 'a', 'a.offering_key') }}
        and {{ concluded_of('USE-01', 'a') }} and not coalesce(a.access_unread or a.assigned_unread, false)
        and (
            a.assigned_date is null
            or {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-01', 'min_assigned_days', 'a',
                'a.offering_key') }}
        )
)
select {{ finding('USE-01', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
