-- Grain: (review_month, team, offering): entitled against assigned against active, and what is wasted. Where use is
-- stale or a part nobody is known to be active or not, and where IDN-01 could not run nobody is known to be a ghost:
-- those numbers are null, and so is wasted_year with any of them.
with holders as (
    select
        a.review_month, a.team_alias, a.offering_key,
        count(*) filter (where a.active_30d) as active_30d,
        count(*) filter (where a.active_90d) as active_90d,
        count(*) filter (where a.last_use is null and not coalesce(a.access_unread, false)) as never_used,
        count(*) filter (where a.days_inactive >= 90 and not coalesce(a.access_unread, false)) as inactive_90d,
        count(*) filter (where g.person_key is not null) as ghosts,
        count(*) filter (where (coalesce(a.last_use is null or a.days_inactive >= 90, false)
            and not coalesce(a.access_unread, false)) or g.person_key is not null) as wasted
    from {{ ref('int_assignment') }} as a
    left join {{ ref('int_ghost') }} as g on g.review_month = a.review_month and g.person_key = a.person_key
    group by a.review_month, a.team_alias, a.offering_key
)
select
    p.review_month, p.team_alias, p.offering_key, p.entitled, p.assigned,
    case when p.assigned is not null and {{ use_is_known('c') }} then coalesce(h.active_30d, 0) end as active_30d,
    case when p.assigned is not null and {{ use_is_known('c') }} then coalesce(h.active_90d, 0) end as active_90d,
    p.gap_team, p.gap_org,
    case when p.assigned is not null and {{ use_is_known('c') }} then coalesce(h.never_used, 0) end as never_used,
    case when p.assigned is not null and {{ use_is_known('c') }} then coalesce(h.inactive_90d, 0) end as inactive_90d,
    case when p.assigned is not null and g.assessability <> 'not_assessable' then coalesce(h.ghosts, 0) end as ghosts,
    {{ money(['p.assigned', 'p.price']) }} as cost_year,
    case when p.assigned is not null and {{ use_is_known('c') }}
        and g.assessability <> 'not_assessable' then {{ money(['coalesce(h.wasted, 0)', 'p.price']) }}
        end as wasted_year,
    case when p.price is not null then p.currency end as currency,
    p.price_basis, p.contract_number,
    s.state
from {{ ref('int_position') }} as p
left join holders as h using (review_month, team_alias, offering_key)
inner join {{ ref('int_clock') }} as c on c.review_month = p.review_month
inner join {{ ref('int_assessability') }} as g on g.review_month = p.review_month and g.rule_id = 'IDN-01'
inner join {{ ref('int_month_state') }} as s using (review_month)
