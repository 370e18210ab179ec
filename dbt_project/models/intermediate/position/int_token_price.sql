-- Grain: pool (team) with packs active at as_of, and '' for everything else: the price of a token. A pool takes the row
-- of the contract of its active packs (most tokens, then latest end, then lowest number), else the row without
-- contract.
with rows_now as (
    select t.review_month, coalesce(t.contract_number, '') as contract_number, t.amount, t.currency
    from {{ source('reference', 'token_prices') }} as t
    inner join {{ ref('int_month') }} as m using (review_month)
    where t.valid_from <= m.as_of and m.as_of <= t.valid_to
),
pool_contract as (
    select p.review_month, p.team_alias, p.contract_number
    from (
        select f.review_month, f.team_alias, f.contract_number, sum(f.tokens) as tokens, max(f.end_date) as end_date
        from {{ ref('stg_portal__flex_packs') }} as f
        inner join {{ ref('int_month') }} as m using (review_month)
        where f.start_date <= m.as_of and m.as_of <= f.end_date and f.contract_number is not null
        group by f.review_month, f.team_alias, f.contract_number
    ) as p
    qualify row_number() over (partition by p.review_month, p.team_alias order by p.tokens desc, p.end_date desc,
        p.contract_number nulls last) = 1
),
pools as (
    select distinct review_month, team_alias from {{ ref('stg_portal__flex_packs') }}
)
select
    p.review_month,
    p.team_alias,
    coalesce(r.amount, g.amount) as price,
    case when r.amount is not null then r.currency else g.currency end as currency
from pools as p
left join pool_contract as c using (review_month, team_alias)
left join rows_now as r on r.review_month = p.review_month and r.contract_number = c.contract_number
left join rows_now as g on g.review_month = p.review_month and g.contract_number = ''
where coalesce(r.amount, g.amount) is not null
union all
select review_month, '' as team_alias, amount as price, currency from rows_now where contract_number = ''
