-- Grain: (pool, balance_date): what the portal states for the end of a day not after as_of, and the ledger's balance at
-- the end of that day. A pool without packs has a ledger of zero.
with stated as (
    select b.review_month, b.team_alias, b.balance_date, cast(sum(b.tokens_available) as {{ money_type() }}) as stated,
        {{ evidence('b.src') }} as evidence
    from {{ ref('stg_portal__flex_balance') }} as b
    inner join {{ ref('int_month') }} as m using (review_month)
    where b.balance_date <= m.as_of
    group by b.review_month, b.team_alias, b.balance_date
),
pack as (
    select *, row_number() over (partition by review_month, team_alias order by end_date nulls last,
        tokens nulls last, pack_id nulls last, src) as place
    from {{ ref('stg_portal__flex_packs') }}
),
pack_left as (
    select s.review_month, s.team_alias, s.balance_date, p.place, p.tokens, coalesce(sum(l.taken), 0) as taken
    from stated as s
    inner join pack as p
        on p.review_month = s.review_month and p.team_alias = s.team_alias and p.start_date <= s.balance_date
            and s.balance_date <= p.end_date
    left join {{ ref('int_flex_ledger') }} as l
        on l.review_month = p.review_month and l.team_alias = p.team_alias and l.place = p.place
            and l.day <= s.balance_date
    group by s.review_month, s.team_alias, s.balance_date, p.place, p.tokens
),
ledger as (
    select review_month, team_alias, balance_date, cast(round(sum(tokens - taken), 2) as {{ money_type() }}) as balance
    from pack_left
    group by review_month, team_alias, balance_date
)
select s.review_month, s.team_alias, s.balance_date, s.stated, s.evidence, coalesce(l.balance, 0) as balance
from stated as s
left join ledger as l using (review_month, team_alias, balance_date)
