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
),
found as (
    select
        g.review_month, g.team_alias, g.offering_key, g.person_key, g.reason as scope,
        g.ghost_days as observed, 0 as threshold, g.ghost_days as excess,
        {{ exact(['g.price', 'g.ghost_days']) }} as exposure, 365 as exposure_over, g.currency, g.price_basis,
        case when g.ghost_days > {{ param_for('IDN-01', 'critical_days', 'g', 'g.offering_key') }} or g.ent_01
            then 'critical' else 'high' end as severity, g.confidence,
        case when g.has_group_route then 'edit_group'
            when g.reason in ('disabled', 'absent') then 'edit_directory' else 'unassign' end as recommended_action,
        g.routes as route, {{ evidence_with('g.evidence', 'g.hr_src', 'g.directory_src') }} as evidence, g.days_12m,
        case g.reason
            when 'left' then 'The person left' || coalesce(' on ' || g.left_on, '; the day is not known')
            when 'disabled' then 'The directory account is off' || coalesce(' since ' || g.left_on, '')
            else 'The person is in neither directory, HR nor the contractor register' end
            || coalesce('; the seat has been held for ' || {{ counted('g.ghost_days', 'day') }} || ' since.', '.')
            || coalesce(' HR and the directory contradict each other: the account is on, and there was use on '
                || g.used_after_leaving || '. Ask before the seat is taken.', '') as detail
    from ghost_seat as g
)
select {{ finding('IDN-01', ['team_alias', 'offering_key', 'person_key', 'scope', 'excess', 'exposure',
    'exposure_over', 'confidence', 'route', 'days_12m']) }}
from found
