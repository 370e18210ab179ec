-- USE-01: a seat whose last use is long ago. Grain: (team, offering, person).
select
    {{ finding(
        'USE-01', observed='a.days_inactive', threshold=param_for('USE-01', 'days', 'a', 'a.offering_key'),
            review_month='a.review_month',
        team='a.team_alias', offering='a.offering_key', person='a.person_key',
        exposure='a.price', currency='a.currency', price_basis='a.price_basis',
        severity="case when a.ent_01 then 'high' else 'medium' end", route='a.routes',
        recommended_action="case when a.hr_status = 'on_leave' then 'hold' when a.has_group_route then 'edit_group'
            else 'unassign' end",
        evidence='a.evidence', days_12m='a.days_12m',
        detail="'Last used on ' || a.last_use || ', ' || " ~ counted("a.days_inactive", "day")
            ~ " || ' before the last complete day of the data, ' || a.cutoff || '.'"
    ) }}
from {{ ref('int_assignment') }} as a
where
    a.days_inactive >= {{ param_for('USE-01', 'days', 'a', 'a.offering_key') }}
    and {{ concluded_of('USE-01', 'a') }} and not coalesce(a.access_unread or a.assigned_unread, false)
    and (
        a.assigned_date is null
        or {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-01', 'min_assigned_days', 'a',
            'a.offering_key') }}
    )
