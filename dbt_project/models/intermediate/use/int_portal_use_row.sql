-- Grain: row of use of the portal's exports (usage, seat_usage, token_usage) of the drops up to M after precedence: per
-- natural key all rows of the winning file. Days may lie after as_of. person_key is null where the row names nobody.
with staged as {{ not_materialized() }} (
    select
        'usage' as input, review_month, team_alias, row_team, offering_name, product_name,
            cast(null as varchar) as feature, version, access_option,
        hashed_autodesk_id as hash_of_person, email, day_used as day, cast(null as {{ number_type() }}) as tokens, src,
            file_rank
    from {{ ref('stg_portal__usage') }}
    union all
    select
        'seat_usage' as input, review_month, team_alias, row_team, offering_name, cast(null as varchar) as product_name,
            {{ fold('feature') }} as feature, version,
        cast(null as varchar) as access_option, cast(null as varchar) as hash_of_person, email, day_used as day,
            cast(null as {{ number_type() }}) as tokens, src, file_rank
    from {{ ref('stg_portal__seat_usage') }}
    union all
    select
        'token_usage' as input, review_month, team_alias, row_team, offering_name,
            cast(null as varchar) as product_name, {{ fold('feature') }} as feature, version,
        cast(null as varchar) as access_option, cast(null as varchar) as hash_of_person, email, day_used as day,
            cast(tokens_used as {{ number_type() }}) as tokens, src, file_rank
    from {{ ref('stg_portal__token_usage') }}
),
-- Every key has its day, so only the rows of a day that several files tell of can meet another file's.
several_day as (
    select input, review_month, day from staged group by input, review_month, day
        having min(file_rank) <> max(file_rank)
),
contested as {{ not_materialized() }} (
    select u.*, false as contested
    from staged as u
    left join several_day as d on d.input = u.input and d.review_month = u.review_month and d.day = u.day
    where d.day is null
    union all
    select u.*, true as contested
    from staged as u
    inner join several_day as d on d.input = u.input and d.review_month = u.review_month and d.day = u.day
),
named as {{ not_materialized() }} (
    select
        u.input, u.review_month, u.team_alias, u.row_team, o.offering_key, p.offering_key as product_key, u.feature,
            u.version,
        {{ person_key('u', hash='hash_of_person') }} as person_key, u.day, u.tokens, u.src, u.access_option,
            u.file_rank, u.contested,
        -- The natural key of token use has the feature and not the version, that of seats and of plain use the version.
        case when u.input = 'token_usage' then u.feature else u.version end as key_what
    from contested as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    {{ person_joins('u', hash='hash_of_person') }}
    left join {{ ref('int_offering_name') }} as p on p.review_month = u.review_month and p.name = u.product_name
),
{{ rows_of_winning_file(
    'named', ['input', 'review_month', 'team_alias', 'offering_key', 'product_key', 'key_what', 'access_option',
        'person_key', 'day'],
    texts=['team_alias', 'offering_key', 'product_key', 'key_what', 'access_option', 'person_key']) }}
select input, review_month, team_alias, row_team, offering_key, product_key, feature, version, person_key, day, tokens,
    src
from winning
