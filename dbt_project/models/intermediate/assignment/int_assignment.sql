-- Grain: (team, offering, person) = A(M) with everything that rules ask of a seat: last use, routes, price, position,
-- who holds it.
with dated as (
    select
        s.*,
        d.last_use_day,
        coalesce(d.days_12m, 0) as days_12m,
        case
            -- An access after the month is use, never its absence.
            when s.last_accessed is null then d.last_use_day
            when d.last_use_day is null then s.last_accessed
            else greatest(d.last_use_day, s.last_accessed)
        end as last_use,
        m.as_of,
        c.cutoff
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
    left join {{ ref('int_clock') }} as c on c.review_month = s.review_month
    left join {{ ref('int_use_total') }} as d on d.review_month = s.review_month and d.person_key = s.person_key
        and d.offering_key = s.offering_key
)
select
    d.review_month, d.team_alias, d.offering_key, d.person_key, d.origin, d.assigned_date, d.version, d.last_accessed,
    d.last_use_day, d.last_use, d.days_12m,
    coalesce(d.last_use > {{ add_days('d.as_of', -30) }}, false) as active_30d,
    coalesce(d.last_use > {{ add_days('d.as_of', -90) }}, false) as active_90d,
    case when d.last_use is not null then {{ days_between('d.cutoff', 'd.last_use') }} end as days_inactive,
    d.as_of, d.cutoff,
    p.is_hash,
    h.team_alias is not null as in_hidden_team,
    p.is_hash and h.team_alias is not null as is_excluded,
    -- A last access or a day of assignment stands in the report and could not be read.
    d.access_unread, d.assigned_unread,
    coalesce(r.routes, 'direct') as routes,
    coalesce(r.route_count, 1) as route_count,
    coalesce(r.has_group_route, false) as has_group_route,
    o.contract_number, o.price, o.currency, o.price_basis,
    o.entitled, o.assigned, o.gap_team, o.gap_org, o.ent_01,
    p.email, p.display_name, p.domain, p.domain_kind, p.hr_status,
    d.evidence, d.src
from dated as d
inner join {{ ref('int_person') }} as p using (review_month, person_key)
inner join {{ ref('int_position') }} as o using (review_month, team_alias, offering_key)
left join {{ ref('int_hidden_team') }} as h on h.review_month = d.review_month and h.team_alias = d.team_alias
left join {{ ref('int_route') }} as r using (review_month, team_alias, offering_key, person_key)
