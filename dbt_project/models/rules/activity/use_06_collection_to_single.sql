-- USE-06: a collection of which exactly one member is used, and that member is cheaper. Grain: (team, collection, person). Use names its product
-- if that is a member, else its offering if that is one; use that names no member counts for none.
with member_use as (
    select u.review_month, u.person_key, c.collection_key, c.member_key,
        case when c.member_key = u.product_key then 1 else 2 end as place, u.src,
        min(case when c.member_key = u.product_key then 1 else 2 end) over (partition by u.review_month, u.src, c.collection_key) as best_place
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = u.review_month and (c.member_key = u.offering_key or c.member_key = u.product_key)
        and c.valid_from <= u.day and u.day <= c.valid_to
    where u.person_key is not null and u.day > m.window_start and u.day <= m.as_of
        and exists (
            select 1 from {{ ref('int_seat') }} as s
            where s.review_month = u.review_month and s.person_key = u.person_key and s.offering_key = c.collection_key)
),
single as (
    select review_month, person_key, collection_key, min(member_key) as member_key, {{ evidence('src') }} as evidence, count(*) as evidence_rows
    from member_use
    where place = best_place
    group by review_month, person_key, collection_key
    having count(distinct member_key) = 1
),
compared as (
    select a.review_month, a.team_alias, a.offering_key, a.person_key, a.price, a.currency, a.price_basis, a.routes, a.days_12m,
        s.member_key, s.evidence, s.evidence_rows, coalesce(p.price, o.price) as member_price
    from single as s
    inner join {{ ref('int_assignment') }} as a on a.review_month = s.review_month and a.person_key = s.person_key and a.offering_key = s.collection_key
    left join {{ ref('int_position') }} as p on p.review_month = a.review_month and p.team_alias = a.team_alias and p.offering_key = s.member_key
    left join {{ ref('int_offering_price') }} as o on o.review_month = a.review_month and o.offering_key = s.member_key
)
select
    {{ finding(
        'USE-06', observed='c.member_price', threshold='c.price', excess='c.price - c.member_price', review_month='c.review_month',
        team='c.team_alias', offering='c.offering_key', person='c.person_key', exposure=money('c.price - c.member_price'), currency='c.currency',
        price_basis='c.price_basis', severity="'low'", route='c.routes', recommended_action="'to_single'", evidence='c.evidence', evidence_count='c.evidence_rows',
        days_12m='c.days_12m', amount_now='c.price', amount_alternative='c.member_price',
        detail="'Of the collection only ' || c.member_key || ' was used in twelve months; alone it costs ' || cast(c.member_price as decimal(18,2)) || ' against ' || cast(c.price as decimal(18,2)) || '.'"
    ) }}
from compared as c
where cast(c.member_price as decimal(18,4)) < cast(c.price as decimal(18,4)) * cast({{ param_for('USE-06', 'factor', 'c', 'c.offering_key') }} as decimal(9,6))
