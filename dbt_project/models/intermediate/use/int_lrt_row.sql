-- Grain: row of lrt in the window after precedence (event_id, else instant, person, device, product, feature).
-- A view: int_lrt_event is the table of those that a rule looks at one by one.
{{ config(materialized='view') }}
select
    l.review_month,
    l.event_at,
    l.received_at,
    cast(l.event_at as date) as day,
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
    l.event_id,
    l.src
from {{ ref('stg_portal__lrt') }} as l
inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
    and l.event_at >= {{ add_days('m.window_start', 1) }} and l.event_at < {{ add_days('m.as_of', 1) }}
inner join {{ ref('int_offering_name') }} as o on o.review_month = l.review_month and o.name = l.product
{{ person_joins('l', email='user_email', hash='user_hash') }}
left join {{ ref('int_contested_row') }} as x on x.review_month = l.review_month and x.src = l.src and x.is_beaten
where x.src is null
