-- Grain: (review_month, team, offering, person): the seats of A(M) of this and of earlier months, and rows that say
-- until when a seat was held. Kept over runs: what the portal has forgotten is known here, and what a seat cost then.
-- Persons are named by the aliases of their month.
-- Variants of a month are left out: history has each month once.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    full_refresh=false, pre_hook="{{ replace_months() }}") }}
select s.review_month, s.team_alias, s.offering_key, s.person_key, true as is_assigned, s.assigned_date,
    cast(null as date) as unassigned_date,
    coalesce(r.routes, 'direct') as routes, p.price, p.currency, s.src
from {{ ref('int_seat') }} as s
left join {{ ref('int_position') }} as p using (review_month, team_alias, offering_key)
left join {{ ref('int_route') }} as r using (review_month, team_alias, offering_key, person_key)
where not {{ is_variant('s.review_month') }}
union all
select u.review_month, u.team_alias, u.offering_key, u.person_key, false as is_assigned, min(u.assigned_date),
    u.unassigned_date, cast(null as string), cast(null as {{ price_type() }}), cast(null as string), min(u.src)
from {{ ref('int_usage_report') }} as u
where not {{ is_variant('u.review_month') }} and not u.is_assigned and not u.is_flex and u.unassigned_date is not null
group by u.review_month, u.team_alias, u.offering_key, u.person_key, u.unassigned_date
