-- Grain: as int_event_cell, of those whose person, offering and product several files name in other words in one
-- period: rows of one of them may beat rows of another. Mostly none. The words are those of the file.
with told as (
    select review_month, input, case when input <> 'lrt' then team_alias end as team_alias, person_key, offering_key,
        product_key, period
    from {{ ref('int_event_cell') }}
    where not is_by_id
    group by review_month, input, case when input <> 'lrt' then team_alias end, person_key, offering_key, product_key,
        period
    having min(words) <> max(words) and min(file_rank) <> max(file_rank)
)
select c.review_month, c.input, c.file_rank, c.words, c.row_team, c.period, w.said, w.offering_name, w.product_name
from {{ ref('int_event_cell') }} as c
inner join told as t
    on t.review_month = c.review_month and t.input = c.input and t.period = c.period
        and t.offering_key = c.offering_key and t.person_key is not distinct from c.person_key
        and t.product_key is not distinct from c.product_key
        and t.team_alias is not distinct from case when c.input <> 'lrt' then c.team_alias end
inner join (
    select distinct input, _file_rank, words, said, offering_name, product_name from {{ source('raw', 'use_cell') }}
) as w on w.input = c.input and w._file_rank = c.file_rank and w.words = c.words
where not c.is_by_id
