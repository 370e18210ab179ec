-- Grain: (input, file, words, team, period): rows of use (usage, seat_usage, token_usage, lrt) up to the horizon that
-- no later file beats in the same words, with the person and offering that the words mean in the month. days: bits of
-- the days with rows; srcs: the first rows. person_key is null where a row names nobody. Days may lie after as_of.
select
    a.review_month, c.input, coalesce(c.row_team, '(single team)') as team_alias, c.row_team, o.offering_key,
    p.offering_key as product_key, coalesce(s.person_key, c.said) as person_key, c.period, c.days, c.use_rows, c.srcs,
    c.version, c.is_by_id, c._file_rank as file_rank, c.words
from {{ source('raw', 'use_cell') }} as c
inner join {{ drops_seen() }} as a on a.drop = c._drop and {{ is_unbeaten('c._until', 'a') }}
inner join {{ ref('int_offering_name') }} as o on o.review_month = a.review_month and o.name = c.offering_name
left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = c.said
left join {{ ref('int_offering_name') }} as p on p.review_month = a.review_month and p.name = c.product_name
