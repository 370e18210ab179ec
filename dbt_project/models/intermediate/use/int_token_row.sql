-- Grain: row of token_usage of the drops up to the horizon after precedence: per natural key all rows of the winning
-- file. Days may lie after as_of. person_key is null where the row names nobody.
select
    u.review_month, u.team_alias, u.row_team, o.offering_key, {{ fold('u.feature') }} as feature, u.version,
    {{ person_key('u') }} as person_key, u.day_used as day, cast(u.tokens_used as {{ number_type() }}) as tokens, u.src
from {{ ref('stg_portal__token_usage') }} as u
inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
{{ person_joins('u') }}
left join {{ ref('int_contested_row') }} as x on x.review_month = u.review_month and x.src = u.src and x.is_beaten
where x.src is null
