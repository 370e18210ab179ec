-- ENT-05: the first day within the horizon on which the gap grows, because subscriptions end. Grain: (team, offering).
-- Looking ahead, a subscription with an autorenew_date that has not ended at as_of does not end, nor does one whose
-- autorenew_date could not be read. Who is pinned to a subscription falls with it, unless seats are
-- free on that day for whoever is pinned to it.
with term as (
    select
        s.review_month, s.team_alias, s.offering_key, s.subscription_id, s.seat_quantity, s.start_date, m.as_of,
        case when (s.autorenew_date is not null or {{ is_unread('autorenew_date', 's') }})
            and s.end_date >= m.as_of then cast('9999-12-31' as date) else s.end_date end as end_date
    from {{ ref('int_subscription') }} as s
    inner join {{ ref('int_month') }} as m using (review_month)
    where s.counts
),
fall as (
    -- E(d) can only fall on the day after an end.
    select distinct t.review_month, t.team_alias, t.offering_key, t.as_of, {{ add_days('t.end_date', 1) }} as day
    from term as t
    where
        t.end_date < cast('9999-12-30' as date)
        and {{ add_days('t.end_date', 1) }} > t.as_of
        and {{ add_days('t.end_date', 1) }} <= {{ add_days('t.as_of', "cast("
            ~ param_for('ENT-05', 'horizon_days', 't', 't.offering_key') ~ " as integer)") }}
),
ahead as (
    select f.review_month, f.team_alias, f.offering_key, f.as_of, f.day, coalesce(sum(t.seat_quantity), 0) as entitled
    from fall as f
    left join term as t
        on t.review_month = f.review_month and t.team_alias = f.team_alias and t.offering_key = f.offering_key
        and t.start_date <= f.day and f.day <= t.end_date
    group by f.review_month, f.team_alias, f.offering_key, f.as_of, f.day
),
pinned as (
    select distinct s.review_month, s.team_alias, s.offering_key, s.person_key, e.last_day
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_portal_user') }} as u using (review_month, team_alias, offering_key, person_key)
    inner join (
        select review_month, team_alias, offering_key, subscription_id, max(end_date) as last_day
        from term
        where subscription_id is not null
        group by review_month, team_alias, offering_key, subscription_id
    ) as e on e.review_month = s.review_month and e.team_alias = s.team_alias and e.offering_key = s.offering_key
        and e.subscription_id = u.pinned_subscription_id
),
pins as (
    select review_month, team_alias, offering_key, last_day, count(*) as persons
    from pinned
    group by review_month, team_alias, offering_key, last_day
),
cliff as (
    select a.*, p.assigned, p.price, p.currency, p.price_basis, p.subscription_evidence,
        p.has_unknown_status, coalesce(n.persons, 0) as pinned_persons,
        greatest(greatest(0, p.assigned - a.entitled) - greatest(0, p.gap_team), coalesce(n.persons, 0)
            - greatest(0, a.entitled - (p.assigned - coalesce(n.persons, 0)))) as forced_out
    from ahead as a
    inner join {{ ref('int_position') }} as p
        on p.review_month = a.review_month and p.team_alias = a.team_alias and p.offering_key = a.offering_key
    left join pins as n on n.review_month = a.review_month and n.team_alias = a.team_alias
        and n.offering_key = a.offering_key and n.last_day = {{ add_days('a.day', -1) }}
    where greatest(0, p.assigned - a.entitled) > greatest(0, p.gap_team) and {{ concluded('ENT-05', 'p') }}
    qualify row_number() over (partition by a.review_month, a.team_alias, a.offering_key order by a.day) = 1
),
forced as (
    -- Those persons: the pinned ones, then fewest days of use, then oldest last use (never first), then person.
    select c.review_month, c.team_alias, c.offering_key, s.person_key,
        row_number() over (
            partition by c.review_month, c.team_alias, c.offering_key
            order by case when n.person_key is null then 1 else 0 end, s.days_12m nulls last,
                s.last_use nulls first,
                s.person_key) as place
    from cliff as c
    inner join {{ ref('int_assignment') }} as s using (review_month, team_alias, offering_key)
    left join pinned as n on n.review_month = c.review_month and n.team_alias = c.team_alias
        and n.offering_key = c.offering_key and n.person_key = s.person_key
        and n.last_day = {{ add_days('c.day', -1) }}
),
named as (
    select f.review_month, f.team_alias, f.offering_key, {{ distinct_text('f.person_key', ', ') }} as persons
    from forced as f
    inner join cliff as c using (review_month, team_alias, offering_key)
    where f.place <= c.forced_out and f.place <= 5
    group by f.review_month, f.team_alias, f.offering_key
),
found as (
    select
        c.review_month, c.team_alias, c.offering_key, c.day as scope,
        c.assigned as observed, c.entitled as threshold, c.forced_out as excess,
        {{ exact(['c.forced_out', 'c.price']) }} as exposure, c.currency, c.price_basis,
        case when {{ days_between('c.day', 'c.as_of') }} < {{ param_for('ENT-05', 'near_days', 'c', 'c.offering_key') }}
            then 'high' else 'medium' end as severity,
        case when c.has_unknown_status then 'low' else 'high' end as confidence,
        'renew_or_unassign' as recommended_action, c.subscription_evidence as evidence,
        'From ' || c.day || ' on ' || {{ counted('c.entitled', 'seat') }} || ' for ' || c.assigned || ' assigned: '
            || {{ counted('c.forced_out', 'person') }} || ' forced out, first those '
            || case when c.pinned_persons > 0 then 'who are pinned to what ends, then those ' else '' end
            || 'who use it least: ' || coalesce(n.persons, '') || '.'
            || {{ note_on_status('c.has_unknown_status') }} as detail
    from cliff as c
    left join named as n using (review_month, team_alias, offering_key)
)
select {{ finding('ENT-05', ['team_alias', 'offering_key', 'scope', 'excess', 'exposure', 'confidence']) }}
from found
