-- Grain: row of use of the portal's exports (usage, seat_usage, token_usage) of the drops up to M after precedence: per natural key all rows of the
-- winning file. Days may lie after as_of. person_key is null where the row names nobody.
with named as (
    select
        'usage' as input, u.review_month, u.team_alias, u.row_team, o.offering_key, p.offering_key as product_key,
        cast(null as varchar) as feature, u.version, {{ person_key('u', hash='hashed_autodesk_id') }} as person_key,
        u.day_used as day, cast(null as decimal(18,4)) as tokens, u.src, u.access_option, u.file_rank
    from {{ ref('stg_portal__usage') }} as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    left join {{ ref('int_offering_name') }} as p on p.review_month = u.review_month and p.name = u.product_name
    {{ person_joins('u', hash='hashed_autodesk_id') }}
),
keyed as (
    select *, {{ row_hash(['review_month', 'team_alias', 'offering_key', 'product_key', 'version', 'access_option', 'person_key', 'day']) }} as key_hash
    from named
),
{{ rows_of_winning_file('keyed', ['review_month', 'team_alias', 'offering_key', 'product_key', 'version', 'access_option', 'person_key', 'day']) }},
usage as (
    select input, review_month, team_alias, row_team, offering_key, product_key, feature, version, person_key, day, tokens, src from winning
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
