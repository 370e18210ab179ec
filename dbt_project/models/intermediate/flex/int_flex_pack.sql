-- Grain: row of flex_packs (a pool's pack): what was taken from it by as_of, and what is left of it at its end when the
-- ledger runs on at v_now; null where the end lies ahead and the pool has no v_now (no pack active at as_of).
select
    p.review_month, p.team_alias, p.pack_id, p.tokens, p.start_date, p.end_date, p.src,
    p.start_date <= m.as_of and m.as_of <= p.end_date as is_active,
    cast(coalesce(sum(case when l.day <= m.as_of then l.taken end), 0) as {{ total_type() }}) as taken,
    case when p.end_date <= m.as_of or t.v_tokens is not null then cast(round(p.tokens - coalesce(sum(l.taken), 0),
        2) as {{ money_type() }}) end as left_at_end
from (
    select *, row_number() over (partition by review_month, team_alias order by end_date nulls last,
        tokens nulls last, pack_id nulls last, src) as place
    from {{ ref('stg_portal__flex_packs') }}
) as p
inner join {{ ref('int_month') }} as m using (review_month)
inner join {{ ref('int_flex_term') }} as t using (review_month, team_alias)
left join {{ ref('int_flex_ledger') }} as l using (review_month, team_alias, place)
group by p.review_month, p.team_alias, p.pack_id, p.tokens, p.start_date, p.end_date, p.src, m.as_of, t.v_tokens
