-- Grain: row of use (usage, seat_usage, token_usage, lrt) of the drops up to M after precedence. A view over the two
-- tables that hold them.
{{ config(materialized='view') }}
select input, review_month, team_alias, row_team, offering_key, product_key, feature, version, person_key, day, tokens,
    src
from {{ ref('int_portal_use_row') }}
union all
select
    'lrt' as input, review_month, coalesce(row_team, '(single team)') as team_alias, row_team, offering_key,
        cast(null as varchar) as product_key,
    feature, version, person_key, day, cast(null as {{ number_type() }}) as tokens, src
from {{ ref('int_lrt_event') }}
