-- Grain: (review_month, team, offering, person): every seat that was a ghost (IDN-01) in this or an earlier month, as known at the review month: since when,
-- until when, what it cost. ghost_to is null while it is there; it ends where IDN-01 was assessed and did not name it any more.
with ghost_month as (
    select m.review_month, m.as_of, d.review_month as seen_month, d.team_alias, d.offering_key, d.person_key, d.left_on, d.assigned_date, d.last_use_date,
        h.price, h.currency, f.scope as reason
    from {{ ref('int_month') }} as m
    inner join {{ ref('deprovisioning_list') }} as d
        on d.review_month = m.review_month or (d.review_month < m.drop_month and not {{ is_variant('d.review_month') }})
    inner join {{ ref('findings') }} as f
        on f.review_month = d.review_month and f.rule_id = 'IDN-01' and f.team_alias = d.team_alias and f.offering_key = d.offering_key and f.person_key = d.person_key
    left join {{ ref('int_seat_history') }} as h
        on h.review_month = {{ drop_month('d.review_month') }} and h.is_assigned and h.team_alias = d.team_alias and h.offering_key = d.offering_key and h.person_key = d.person_key
    where strpos(';' || d.rule_ids || ';', ';IDN-01;') > 0
),
latest as (
    select g.*, min(g.seen_month) over (partition by g.review_month, g.team_alias, g.offering_key, g.person_key) as first_seen
    from ghost_month as g
    qualify row_number() over (partition by g.review_month, g.team_alias, g.offering_key, g.person_key order by g.seen_month desc) = 1
),
dated as (
    select l.*,
        case
            when l.left_on is null then {{ add_days(add_months("cast(" ~ drop_month('l.first_seen') ~ " || '-01' as date)", 1), -1) }}
            else greatest(l.left_on, coalesce(l.assigned_date, l.left_on))
        end as ghost_from,
        (
            select min(r.review_month) from {{ ref('rule_runs') }} as r
            where r.rule_id = 'IDN-01' and r.assessability <> 'not_assessable'
                and {{ drop_month('r.review_month') }} > {{ drop_month('l.seen_month') }}
                and (r.review_month = l.review_month or (r.review_month < {{ drop_month('l.review_month') }} and not {{ is_variant('r.review_month') }}))
        ) as gone_month
    from latest as l
),
ended as (
    select d.*,
        case when d.gone_month is not null then coalesce(
            (
                select min(h.unassigned_date) from {{ ref('int_seat_history') }} as h
                where h.review_month = {{ drop_month('d.gone_month') }} and not h.is_assigned and h.team_alias = d.team_alias and h.offering_key = d.offering_key
                    and h.person_key = d.person_key and h.unassigned_date >= d.ghost_from),
            {{ add_days(add_months("cast(" ~ drop_month('d.gone_month') ~ " || '-01' as date)", 1), -1) }}) end as ghost_to
    from dated as d
)
select
    e.review_month, e.team_alias, e.offering_key, e.person_key, e.reason, e.left_on, e.ghost_from, e.ghost_to,
    cast(greatest(0, {{ days_between('coalesce(e.ghost_to, e.as_of)', 'e.ghost_from') }}) as bigint) as seat_days,
    {{ money_ratio('e.price * greatest(0, ' ~ days_between('coalesce(e.ghost_to, e.as_of)', 'e.ghost_from') ~ ')', '1', '365') }} as cost,
    case when e.price is not null then e.currency end as currency,
    case when e.ghost_to is not null then cast({{ days_between('e.ghost_to', 'e.left_on') }} as bigint) end as deprovisioning_days,
    case when e.last_use_date > e.left_on then e.last_use_date end as last_use_after_leaving,
    {{ drop_month('e.first_seen') }} as first_seen_month
from ended as e
