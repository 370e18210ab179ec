-- Grain: (review_month, team, offering, person): every seat that was a ghost (IDN-01) in this or an earlier month, as
-- known at the review month: since when, until when, what it cost. ghost_to is null while it is there; it is the
-- portal's own date where a row says so, else the end of the month in which IDN-01 was assessed, did not name it any
-- more, and could have. Days from the end of one spell of the seat to the start of the next (assignment_history) are no
-- seat-days.
with ghost_month as (
    select m.review_month, m.as_of, m.drop_month, d.review_month as seen_month, d.team_alias, d.offering_key,
        d.person_key, d.left_on, d.assigned_date, d.last_use_date,
        h.price, h.currency, f.scope as reason
    from {{ ref('int_month') }} as m
    inner join {{ ref('deprovisioning_list') }} as d
        on d.review_month = m.review_month or (d.review_month < m.drop_month and not {{ is_variant('d.review_month') }})
    inner join {{ ref('findings') }} as f
        on f.review_month = d.review_month and f.rule_id = 'IDN-01' and f.team_alias = d.team_alias
            and f.offering_key = d.offering_key and f.person_key = d.person_key
    left join {{ ref('int_seat_history') }} as h
        on h.review_month = {{ drop_month('d.review_month') }} and h.is_assigned and h.team_alias = d.team_alias
            and h.offering_key = d.offering_key and h.person_key = d.person_key
),
latest as (
    -- What the latest month says of the person; since when the seat was held, the first one.
    select g.*,
        min(g.seen_month) over (partition by g.review_month, g.team_alias, g.offering_key, g.person_key) as first_seen,
        first_value(g.assigned_date) over (partition by g.review_month, g.team_alias, g.offering_key, g.person_key
            order by g.seen_month rows unbounded preceding) as first_assigned
    from ghost_month as g
    qualify row_number() over (partition by g.review_month, g.team_alias, g.offering_key, g.person_key
        order by g.seen_month desc) = 1
),
-- The first month that was assessed without the ghost, and could have named it.
gone as (
    select l.review_month, l.team_alias, l.offering_key, l.person_key, min(r.review_month) as gone_month
    from latest as l
    inner join {{ ref('rule_runs') }} as r
        on r.rule_id = 'IDN-01' and r.assessability <> 'not_assessable'
            and {{ drop_month('r.review_month') }} > {{ drop_month('l.seen_month') }}
            and (r.review_month = l.review_month or (r.review_month < l.drop_month
                and not {{ is_variant('r.review_month') }}))
    where not exists (
        select 1 from {{ ref('int_unverifiable') }} as u
        where u.review_month = r.review_month and u.rule_id = 'IDN-01'
            and coalesce(u.person_key, l.person_key) = l.person_key
            and coalesce(u.domain, split_part(l.person_key, '@', 2)) = split_part(l.person_key, '@', 2))
    group by l.review_month, l.team_alias, l.offering_key, l.person_key
),
dated as (
    select l.*, g.gone_month,
        case
            when l.left_on is null then {{ add_days(add_months("cast(" ~ drop_month('l.first_seen')
                ~ " || '-01' as date)", 1), -1) }}
            else greatest(l.left_on, coalesce(l.first_assigned, l.left_on))
        end as ghost_from
    from latest as l
    left join gone as g on g.review_month = l.review_month and g.team_alias = l.team_alias
        and g.offering_key = l.offering_key and g.person_key = l.person_key
),
-- The portal's own date, of a drop after the last one that names the ghost and up to the month, that shows the seat no
-- longer.
said as (
    select d.review_month, d.team_alias, d.offering_key, d.person_key, min(h.unassigned_date) as unassigned_date
    from dated as d
    inner join {{ ref('int_seat_history') }} as h
        on h.team_alias = d.team_alias and h.offering_key = d.offering_key and h.person_key = d.person_key
            and not h.is_assigned
        and h.review_month > {{ drop_month('d.seen_month') }} and h.review_month <= d.drop_month
            and h.unassigned_date >= d.ghost_from
    where not exists (
        select 1 from {{ ref('int_seat_history') }} as s
        where s.review_month = h.review_month and s.is_assigned and s.team_alias = h.team_alias
            and s.offering_key = h.offering_key and s.person_key = h.person_key)
    group by d.review_month, d.team_alias, d.offering_key, d.person_key
),
ended as (
    select d.*,
        coalesce(s.unassigned_date, case
            when d.gone_month is not null then {{ add_days(add_months("cast(" ~ drop_month('d.gone_month')
            ~ " || '-01' as date)", 1), -1) }} end) as ghost_to
    from dated as d
    left join said as s on s.review_month = d.review_month and s.team_alias = d.team_alias
        and s.offering_key = d.offering_key and s.person_key = d.person_key
),
pause as (
    -- Of an uncertain end the earlier, of an uncertain start the later.
    select h.review_month, h.team_alias, h.offering_key, h.person_key, h.to_not_before as pause_from,
        lead(h.from_not_after) over (partition by h.review_month, h.team_alias, h.offering_key, h.person_key
            order by h.spell) as pause_to
    from {{ ref('assignment_history') }} as h
    where h.review_month in (select m.review_month from {{ ref('int_month') }} as m)
),
without_seat as (
    select e.review_month, e.team_alias, e.offering_key, e.person_key,
        sum(greatest(0, {{ days_between('least(p.pause_to, coalesce(e.ghost_to, e.as_of))',
            'greatest(p.pause_from, e.ghost_from)') }})) as days
    from ended as e
    inner join pause as p using (review_month, team_alias, offering_key, person_key)
    where p.pause_to is not null
    group by e.review_month, e.team_alias, e.offering_key, e.person_key
),
lasting as (
    select e.*, cast(greatest(0, {{ days_between('coalesce(e.ghost_to, e.as_of)', 'e.ghost_from') }} - coalesce(w.days,
        0)) as bigint) as seat_days
    from ended as e
    left join without_seat as w on w.review_month = e.review_month and w.team_alias = e.team_alias
        and w.offering_key = e.offering_key and w.person_key = e.person_key
)
select
    e.review_month, e.team_alias, e.offering_key, e.person_key, e.reason, e.left_on, e.ghost_from, e.ghost_to,
        e.seat_days,
    {{ money_ratio(['e.price', 'e.seat_days'], '1', '365') }} as cost,
    case when e.price is not null then e.currency end as currency,
    case when e.ghost_to is not null then cast({{ days_between('e.ghost_to', 'e.left_on') }} as bigint)
        end as deprovisioning_days,
    case when e.last_use_date > e.left_on then e.last_use_date end as last_use_after_leaving,
    {{ drop_month('e.first_seen') }} as first_seen_month
from lasting as e
