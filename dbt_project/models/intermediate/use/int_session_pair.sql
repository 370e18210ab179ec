-- Grain: two sessions of the telemetry of the 365 days to as_of, told by one address or hash on different devices, that
-- overlap: by how many microseconds, and the shorter one's minutes. Pairs of rows are met when they are loaded
-- (`ingest/write/events.py`).
{{ config(materialized='view') }}
select a.review_month, coalesce(s.person_key, p.said) as person_key, p.first_src, p.second_src, p.second_period,
    p.overlap, p.least_minutes
from {{ source('raw', 'session_pair') }} as p
inner join {{ drops_seen() }} as a on a.drop = p._first_drop and {{ is_unbeaten('p._first_until', 'a') }}
    and p._second_drop <= a.horizon and {{ is_unbeaten('p._second_until', 'a') }}
inner join {{ ref('int_month') }} as m on m.review_month = a.review_month
left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = p.said
where p.first_period > m.window_start and p.second_period > m.window_start and p.second_period <= m.as_of
