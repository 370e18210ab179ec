-- Grain: row of lrt of the drops up to M after precedence (event_id, else instant, person, device, product, feature). team_alias is
-- '(single team)' where the row has none; int_lrt_event gives such rows their team.
select
    l.review_month,
    l.event_at,
    l.received_at,
    cast(l.event_at as date) as day,
    l.team_alias,
    l.row_team,
    o.offering_key,
    {{ person_key('l', email='user_email', hash='user_hash') }} as person_key,
    coalesce(l.device_id, l.host_name) as device,
    l.version,
    {{ leading_integer('l.version') }} as release,
    {{ fold('l.feature') }} as feature,
    {{ fold('l.licence_claim') }} as licence_claim,
    l.duration_minutes,
    upper(l.country) as country,
    l.source,
    l.src
from {{ ref('stg_portal__lrt') }} as l
inner join {{ ref('int_offering_name') }} as o on o.review_month = l.review_month and o.name = l.product
{{ person_joins('l', email='user_email', hash='user_hash') }}
qualify l.file_rank = max(l.file_rank) over (
    partition by l.review_month, l.event_id,
    case when l.event_id is null then l.event_at end,
    case when l.event_id is null then {{ person_key('l', email='user_email', hash='user_hash') }} end,
    case when l.event_id is null then coalesce(l.device_id, l.host_name) end,
    case when l.event_id is null then o.offering_key end,
    case when l.event_id is null then {{ fold('l.feature') }} end)
