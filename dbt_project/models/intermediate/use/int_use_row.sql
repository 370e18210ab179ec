-- Grain: row of use (usage, seat_usage, token_usage, lrt) of the drops up to M after precedence: per natural key all rows of the winning file.
-- Days may lie after as_of. person_key is null where the row names nobody.
with usage as (
    select
        'usage' as input, u.review_month, u.team_alias, u.row_team, o.offering_key, p.offering_key as product_key,
        cast(null as varchar) as feature, u.version, {{ person_key('u', hash='hashed_autodesk_id') }} as person_key,
        u.day_used as day, cast(null as decimal(18,4)) as tokens, u.src
    from {{ ref('stg_portal__usage') }} as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    left join {{ ref('int_offering_name') }} as p on p.review_month = u.review_month and p.name = u.product_name
    {{ person_joins('u', hash='hashed_autodesk_id') }}
    qualify u.file_rank = max(u.file_rank) over (
        partition by u.review_month, u.team_alias, o.offering_key, p.offering_key, u.version, u.access_option, {{ person_key('u', hash='hashed_autodesk_id') }}, u.day_used)
),
seat_usage as (
    select
        'seat_usage' as input, u.review_month, u.team_alias, u.row_team, o.offering_key, cast(null as varchar) as product_key,
        {{ fold('u.feature') }} as feature, u.version, {{ person_key('u') }} as person_key,
        u.day_used as day, cast(null as decimal(18,4)) as tokens, u.src
    from {{ ref('stg_portal__seat_usage') }} as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    {{ person_joins('u') }}
    qualify u.file_rank = max(u.file_rank) over (
        partition by u.review_month, u.team_alias, o.offering_key, u.version, {{ person_key('u') }}, u.day_used)
),
token_usage as (
    select
        'token_usage' as input, u.review_month, u.team_alias, u.row_team, o.offering_key, cast(null as varchar) as product_key,
        {{ fold('u.feature') }} as feature, u.version, {{ person_key('u') }} as person_key,
        u.day_used as day, cast(u.tokens_used as decimal(18,4)) as tokens, u.src
    from {{ ref('stg_portal__token_usage') }} as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    {{ person_joins('u') }}
    qualify u.file_rank = max(u.file_rank) over (
        partition by u.review_month, u.team_alias, o.offering_key, {{ fold('u.feature') }}, {{ person_key('u') }}, u.day_used)
)
select * from usage
union all
select * from seat_usage
union all
select * from token_usage
union all
select
    'lrt' as input, review_month, team_alias, row_team, offering_key, cast(null as varchar) as product_key,
    feature, version, person_key, day, cast(null as decimal(18,4)) as tokens, src
from {{ ref('int_lrt_row') }}
