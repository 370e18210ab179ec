-- Grain: row of lrt of the drops up to M after precedence (event_id, else instant, person, device, product, feature).
-- team_alias is '(single team)' where the row has none. A view: int_lrt_event is the table that holds these rows, with
-- their team.
{{ config(materialized='view') }}
with several_event as (
    select review_month, event_id
    from {{ ref('stg_portal__lrt') }}
    where event_id is not null
    group by review_month, event_id
    having min(file_rank) <> max(file_rank)
),
several_file as (
    select review_month
    from {{ ref('stg_portal__lrt') }}
    where event_id is null
    group by review_month
    having min(file_rank) <> max(file_rank)
),
-- Only an event that several files tell of is contested; of rows without event_id all, where several files have such
-- rows.
staged as {{ not_materialized() }} (
    select l.*, false as contested
    from {{ ref('stg_portal__lrt') }} as l
    left join several_event as e on e.review_month = l.review_month and e.event_id = l.event_id
    where l.event_id is not null and e.event_id is null
    union all
    select l.*, false as contested
    from {{ ref('stg_portal__lrt') }} as l
    left join several_file as f on f.review_month = l.review_month
    where l.event_id is null and f.review_month is null
    union all
    select l.*, true as contested
    from {{ ref('stg_portal__lrt') }} as l
    inner join several_event as e on e.review_month = l.review_month and e.event_id = l.event_id
    union all
    select l.*, true as contested
    from {{ ref('stg_portal__lrt') }} as l
    inner join several_file as f on f.review_month = l.review_month
    where l.event_id is null
),
named as {{ not_materialized() }} (
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
        l.src,
        l.event_id,
        l.file_rank,
        l.contested
    from staged as l
    inner join {{ ref('int_offering_name') }} as o on o.review_month = l.review_month and o.name = l.product
    {{ person_joins('l', email='user_email', hash='user_hash') }}
),
-- The key of a row with an event_id is that, whatever else it says.
keyed as {{ not_materialized() }} (
    select
        *,
        case when event_id is null then event_at end as key_instant,
        case when event_id is null then person_key end as key_person,
        case when event_id is null then device end as key_device,
        case when event_id is null then offering_key end as key_offering,
        case when event_id is null then feature end as key_feature
    from named
),
{{ rows_of_winning_file(
    'keyed', ['review_month', 'event_id', 'key_instant', 'key_person', 'key_device', 'key_offering', 'key_feature'],
    texts=['event_id', 'key_person', 'key_device', 'key_offering', 'key_feature']) }}
select
    review_month, event_at, received_at, day, team_alias, row_team, offering_key, person_key, device, version, release,
        feature, licence_claim,
    duration_minutes, country, source, src
from winning
