-- Grain: (input, team, person, offering, product, period), several rows of a key where several files tell of it: use
-- of the drops up to the horizon after precedence. days: bits of the days with rows. A view: int_event_cell holds the
-- cells, int_contested_row the rows of those that are counted anew.
{{ config(materialized='view') }}
select
    c.review_month, c.input, c.team_alias, c.row_team, c.offering_key, c.product_key, c.person_key, c.period, c.days,
    c.use_rows, c.srcs, c.version
from {{ ref('int_event_cell') }} as c
where c.is_by_id or not exists (
    select 1 from {{ ref('int_contested_cell') }} as x
    where x.review_month = c.review_month and x.input = c.input and x.file_rank = c.file_rank and x.words = c.words
        and x.period = c.period and x.row_team is not distinct from c.row_team)
union all
select
    review_month, input, team_alias, row_team, offering_key, product_key, person_key, period,
    bit_or({{ day_bit('day') }}) as days, count(*) as use_rows, {{ evidence('src') }} as srcs,
    {{ greatest_by('version', 'day', ties=true) }} as version
from {{ ref('int_contested_row') }}
where not is_beaten
group by review_month, input, team_alias, row_team, offering_key, product_key, person_key, period
