-- Grain: pool (a team with packs of drop(M) or tokens): term, purchased, consumed and velocities at as_of. v_now =
-- v_tokens / v_days. Without token_usage in any drop what was consumed is not known: null, not zero.
with packs as (
    select
        p.review_month, p.team_alias,
        min(p.start_date) as first_start,
        min(case when p.start_date <= m.as_of and m.as_of <= p.end_date then p.start_date end) as term_start,
        max(case when p.start_date <= m.as_of and m.as_of <= p.end_date then p.end_date end) as term_end,
        cast(sum(case when p.start_date <= m.as_of and m.as_of <= p.end_date then p.tokens
            end) as {{ total_type() }}) as purchased,
        {{ evidence('p.src') }} as evidence
    from {{ ref('stg_portal__flex_packs') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
    group by p.review_month, p.team_alias
),
pools as (
    select review_month, team_alias from packs
    union
    select review_month, team_alias from {{ ref('int_token_row') }}
),
tokens as (
    select u.review_month, u.team_alias, u.day, cast(sum(u.tokens) as {{ total_type() }}) as tokens
    from {{ ref('int_token_row') }} as u
    group by u.review_month, u.team_alias, u.day
),
known as (
    select review_month, case when in_any_drop then 1 end as known from {{ ref('int_input_present') }}
        where input = 'token_usage'
),
counted as (
    select
        o.review_month, o.team_alias, m.as_of, p.first_start, p.term_start, p.term_end, p.purchased, p.evidence,
        {{ days_between('m.as_of', 'p.term_start') }} + 1 as elapsed_days,
        max(i.known) as known,
        cast(coalesce(sum(case when t.day >= p.term_start and t.day <= m.as_of then t.tokens end),
            0) as {{ total_type() }}) as consumed,
        cast(coalesce(sum(case when t.day >= p.term_start and t.day <= m.as_of
            and t.day <= {{ add_days('p.term_start', 89) }} then t.tokens end),
            0) as {{ total_type() }}) as first_tokens,
        cast(coalesce(sum(case when t.day > {{ add_days('m.as_of', -90) }} and t.day <= m.as_of then t.tokens end),
            0) as {{ total_type() }}) as tokens_90,
        cast(coalesce(sum(case when t.day > {{ add_days('m.as_of', -30) }} and t.day <= m.as_of then t.tokens end),
            0) as {{ total_type() }}) as tokens_30
    from pools as o
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join known as i using (review_month)
    left join packs as p using (review_month, team_alias)
    left join tokens as t using (review_month, team_alias)
    group by o.review_month, o.team_alias, m.as_of, p.first_start, p.term_start, p.term_end, p.purchased, p.evidence
)
select
    c.review_month, c.team_alias, c.as_of, c.first_start, c.term_start, c.term_end, c.purchased, c.evidence,
        c.elapsed_days,
    -- `known` is 1, or null and then makes its product null.
    cast(c.consumed * c.known as {{ total_type() }}) as consumed,
    cast(c.first_tokens * c.known as {{ total_type() }}) as first_tokens,
    cast(c.tokens_30 * c.known as {{ total_type() }}) as tokens_30,
    least(c.elapsed_days, 90) as first_days,
    case when c.term_start is null or c.known is null then null when c.elapsed_days <= 90 then c.first_tokens
        else c.tokens_90 end as v_tokens,
    case when c.term_start is null or c.known is null then null when c.elapsed_days <= 90 then least(c.elapsed_days, 90)
        else 90 end as v_days
from counted as c
