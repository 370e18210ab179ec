-- Grain: (pool, pack place, day): what a pack gave on a day, and what was still wanted after it. Packs in the order
-- end_date, tokens, pack_id; each takes what is left of the days it covers, in day order: the same as taking day by day
-- from the first pack that has tokens. Days after as_of run on at v_now. place 0 is the demand itself.
with recursive pack as (
    select p.review_month, p.team_alias, p.pack_id, p.tokens, p.start_date, p.end_date, p.src,
        row_number() over (partition by p.review_month, p.team_alias order by p.end_date nulls last,
            p.tokens nulls last, p.pack_id nulls last, p.src) as place
    from {{ ref('stg_portal__flex_packs') }} as p
),
horizon as (
    select review_month, team_alias, max(end_date) as last_end from pack group by review_month, team_alias
),
demand as (
    select t.review_month, t.team_alias, u.day, cast(sum(u.tokens) as decimal(38, 8)) as wanted
    from {{ ref('int_flex_term') }} as t
    inner join {{ ref('int_token_row') }} as u using (review_month, team_alias)
    where u.day >= t.first_start and u.day <= t.as_of
    group by t.review_month, t.team_alias, u.day
    union all
    select x.review_month, x.team_alias, x.day, x.daily
    from (
        select t.review_month, t.team_alias, {{ days_from_to(add_days('t.as_of', 1), 'h.last_end') }} as day,
            {{ divided('t.v_tokens', 't.v_days') }} as daily
        from {{ ref('int_flex_term') }} as t
        inner join horizon as h using (review_month, team_alias)
        where t.v_tokens > 0 and h.last_end > t.as_of
    ) as x
),
step as (
    {{ taken_in_rounds() }}
)
select
    s.review_month, s.team_alias, s.place, p.pack_id, s.day, s.taken, s.remaining
from step as s
left join pack as p using (review_month, team_alias, place)
