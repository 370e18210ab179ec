-- USE-02: a seat that was never used. Grain: (team, offering, person).
select
    {{ finding(
        'USE-02', observed=days_between('a.as_of', 'a.assigned_date'),
            threshold=param_for('USE-02', 'days', 'a', 'a.offering_key'),
        review_month='a.review_month', team='a.team_alias', offering='a.offering_key', person='a.person_key',
        exposure='a.price', currency='a.currency', price_basis='a.price_basis', severity="'medium'", route='a.routes',
        recommended_action="case when a.has_group_route then 'edit_group' else 'unassign' end", evidence='a.evidence',
            days_12m='a.days_12m',
        detail="'Assigned on ' || a.assigned_date || ' and never used since, as far as the files show.'"
    ) }}
from {{ ref('int_assignment') }} as a
where
    a.last_use is null
    and {{ concluded_of('USE-02', 'a') }} and not coalesce(a.access_unread, false)
    and a.assigned_date is not null
    and {{ days_between('a.as_of', 'a.assigned_date') }} >= {{ param_for('USE-02', 'days', 'a', 'a.offering_key') }}
