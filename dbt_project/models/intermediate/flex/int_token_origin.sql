-- Grain: a forecast that is wanted (`origin`): of a pool, as of `cut`, up to `target`: the month's own (as_of to
-- term_end) and one per cut of the back-test. A day without a row is a day without tokens from history_start on: not
-- before the exports reach back. A cut before that has none.
with wanted as (
    select review_month, team_alias, as_of as cut, term_end as target
    from {{ ref('int_flex_term') }}
    where term_start is not null and consumed is not null
    union all
    select review_month, team_alias, cut, target from {{ ref('int_flex_cut') }}
),
first_use as (
    select review_month, team_alias, min(day) as day from {{ ref('int_token_day') }} group by review_month, team_alias
),
dated as (
    select
        w.review_month, w.team_alias, w.cut, w.target,
        greatest(coalesce(least(t.term_start, f.day), t.term_start),
            coalesce(c.token_d0, t.term_start)) as history_start
    from wanted as w
    inner join {{ ref('int_flex_term') }} as t using (review_month, team_alias)
    inner join {{ ref('int_clock') }} as c using (review_month)
    left join first_use as f using (review_month, team_alias)
)
select
    row_number() over (order by review_month, team_alias, cut) as origin,
    dense_rank() over (order by review_month, team_alias) as pool,
    review_month, team_alias, cut, target, history_start
from dated
where cut >= history_start
