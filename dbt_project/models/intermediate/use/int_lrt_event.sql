-- Grain: row of lrt in the window after precedence that a rule looks at one by one, with its team: rows of the review
-- month; rows with a trait that a rule looks for (int_lrt_trait); rows of contractors, and of persons with more devices
-- than allowed or with several devices under several names (int_device_candidate). Everything else is counted from
-- int_lrt_cell. A row without a team belongs to the team with most rows of A, then by name.
with person as (
    select review_month, person_key from {{ ref('int_device_candidate') }}
    union
    select review_month, person_key from {{ ref('int_contractor') }}
),
said as (
    select review_month, person_key as said from person
    union
    select s.review_month, s.said
    from {{ ref('int_person_alias') }} as s
    inner join person as p on p.review_month = s.review_month and p.person_key = s.person_key
),
-- In the window before the month.
seen as {{ not_materialized() }} (
    select l.*
    from {{ ref('stg_portal__lrt') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
        and l.event_at >= {{ add_days('m.window_start', 1) }} and l.event_at < m.month_start
),
of_trait as {{ not_materialized() }} (
    select l.*
    from seen as l
    inner join {{ ref('int_lrt_trait') }} as t
        on t.review_month = l.review_month and t.product = l.product and t.version is not distinct from l.version
            and t.feature is not distinct from l.feature and t.licence_claim is not distinct from l.licence_claim
            and t.country is not distinct from l.country
),
picked as (
    select l.*
    from {{ ref('stg_portal__lrt') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
        and m.month_start = {{ month_start('l.event_at') }}
    union all
    select * from of_trait
    union all
    select l.*
    from seen as l
    inner join said as s on s.review_month = l.review_month
        and s.said = {{ stated_person('l', 'user_email', 'user_hash') }}
    left join {{ ref('int_lrt_trait') }} as t
        on t.review_month = l.review_month and t.product = l.product and t.version is not distinct from l.version
            and t.feature is not distinct from l.feature and t.licence_claim is not distinct from l.licence_claim
            and t.country is not distinct from l.country
    where t.review_month is null
),
named as (
    select
        l.*, o.offering_key, {{ person_key('l', email='user_email', hash='user_hash') }} as person_key,
        coalesce(l.row_team, t.team_alias, '(single team)') as team_of_row
    from picked as l
    inner join {{ ref('int_offering_name') }} as o on o.review_month = l.review_month and o.name = l.product
    {{ person_joins('l', email='user_email', hash='user_hash') }}
    left join {{ ref('int_top_team') }} as t on t.review_month = l.review_month
    left join {{ ref('int_contested_row') }} as x on x.review_month = l.review_month and x.src = l.src and x.is_beaten
    where x.src is null
)
select
    l.review_month,
    l.event_at,
    l.received_at,
    cast(l.event_at as date) as day,
    l.team_of_row as team_alias,
    l.row_team,
    l.offering_key,
    l.person_key,
    l.person_key like 'hash:%' as is_hash,
    l.person_key like 'hash:%' and h.team_alias is not null as is_excluded,
    coalesce(l.device_id, l.host_name) as device,
    l.version,
    {{ leading_integer('l.version') }} as release,
    {{ fold('l.feature') }} as feature,
    {{ fold('l.licence_claim') }} as licence_claim,
    l.duration_minutes,
    {{ upper_case('l.country') }} as country,
    l.source,
    l.src
from named as l
left join {{ ref('int_hidden_team') }} as h on h.review_month = l.review_month and h.team_alias = l.team_of_row
