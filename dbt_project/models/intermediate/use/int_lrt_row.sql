-- Grain: row of lrt of the drops up to M after precedence (event_id, else instant, person, device, product, feature). team_alias is
-- '(single team)' where the row has none. A view: int_lrt_event is the table that holds these rows, with their team.
{{ config(materialized='view') }}
with named as (
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
        l.file_rank
    from {{ ref('stg_portal__lrt') }} as l
    inner join {{ ref('int_offering_name') }} as o on o.review_month = l.review_month and o.name = l.product
    {{ person_joins('l', email='user_email', hash='user_hash') }}
),
keyed as (
    select *, {{ row_hash(['review_month', 'event_id', 'case when event_id is null then ' ~ row_hash(['event_at', 'person_key', 'device', 'offering_key', 'feature']) ~ ' end']) }} as key_hash
    from named
),
{{ rows_of_winning_file('keyed', [
    'review_month', 'event_id', 'case when event_id is null then event_at end', 'case when event_id is null then person_key end',
    'case when event_id is null then device end', 'case when event_id is null then offering_key end', 'case when event_id is null then feature end']) }}
select
    review_month, event_at, received_at, day, team_alias, row_team, offering_key, person_key, device, version, release, feature, licence_claim,
    duration_minutes, country, source, src
from winning
