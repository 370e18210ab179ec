-- IDN-01: a seat of somebody who has left, is disabled, or is unknown to the directory. Grain: (team, offering,
-- person); scope = reason. int_ghost says who, and how sure that is.
with ghost_seat as (
    select
        a.*, g.reason, g.left_on, g.confidence, g.used_after_leaving, g.hr_src, g.directory_src,
        case when g.left_on is not null then greatest(0,
            {{ days_between('a.as_of', 'greatest(g.left_on, coalesce(a.assigned_date, g.left_on))') }})
            end as ghost_days
    from {{ ref('int_assignment') }} as a
    inner join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
)
select
    {{ finding(
        'IDN-01', observed='g.ghost_days', threshold='0', excess='g.ghost_days', review_month='g.review_month',
        team='g.team_alias', offering='g.offering_key', person='g.person_key', scope='g.reason',
        exposure=['g.price', 'g.ghost_days'], exposure_over='365', currency='g.currency', price_basis='g.price_basis',
        severity="case when g.ghost_days > " ~ param_for('IDN-01', 'critical_days', 'g', 'g.offering_key')
            ~ " or g.ent_01 then 'critical' else 'high' end",
        confidence='g.confidence', route='g.routes',
        recommended_action="case when g.has_group_route then 'edit_group'
            when g.reason in ('disabled', 'absent') then 'edit_directory' else 'unassign' end",
        evidence=evidence_with('g.evidence', 'g.hr_src', 'g.directory_src'), days_12m='g.days_12m',
        detail="case g.reason when 'left' then 'The person left'
            || coalesce(' on ' || g.left_on, '; the day is not known')
            when 'disabled' then 'The directory account is off' || coalesce(' since ' || g.left_on, '')
            else 'The person is in neither directory, HR nor the contractor register' end
            || coalesce('; the seat has been held for ' || " ~ counted('g.ghost_days', 'day') ~ " || ' since.', '.')
            || coalesce(' HR and the directory contradict each other: the account is on, and there was use on '
            || g.used_after_leaving || '. Ask before the seat is taken.', '')"
    ) }}
from ghost_seat as g
