-- USE-05: single seats and tokens on members of a collection cost more than the collection. Grain: (collection, person). Each member offering
-- counts its lowest seat price once; a member without any known cost does not count.
with member as (
    select c.review_month, c.collection_key, c.member_key
    from {{ source('reference', 'collection_members') }} as c
    inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
    where c.valid_from <= m.as_of and m.as_of <= c.valid_to
),
seat as (
    select review_month, person_key, offering_key, min(price) as price, {{ evidence('src') }} as evidence
    from {{ ref('int_assignment') }}
    group by review_month, person_key, offering_key
),
token as (
    -- Each pool at its own price; tokens x price x 365, to be divided by the days observed.
    select u.review_month, u.person_key, u.offering_key, cast(sum(u.tokens * cast(coalesce(x.price, g.price) as decimal(12,4)) * 365) as decimal(24,4)) as cost_days
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
    left join {{ ref('int_token_price') }} as x on x.review_month = u.review_month and x.team_alias = u.team_alias
    left join {{ ref('int_token_price') }} as g on g.review_month = u.review_month and g.team_alias = ''
    where u.input = 'token_usage' and u.person_key is not null and u.tokens > 0 and u.day > m.window_start and u.day <= m.as_of
    group by u.review_month, u.person_key, u.offering_key
),
part as (
    select
        coalesce(s.review_month, t.review_month) as review_month, coalesce(s.person_key, t.person_key) as person_key,
        coalesce(s.offering_key, t.offering_key) as offering_key, s.price, s.evidence, t.cost_days,
        coalesce(k.token_days_observed, 1) as days
    from seat as s
    full outer join token as t on t.review_month = s.review_month and t.person_key = s.person_key and t.offering_key = s.offering_key
    left join {{ ref('int_clock') }} as k on k.review_month = coalesce(s.review_month, t.review_month)
),
summed as (
    -- Cost x observed days, exactly: seats cost their price, tokens are annualised.
    select p.review_month, p.person_key, m.collection_key, p.days,
        count(*) as members,
        {{ distinct_text('p.offering_key', ', ') }} as member_names,
        cast(sum(coalesce(p.price, 0) * p.days + coalesce(p.cost_days, 0)) as decimal(18,4)) as cost_days,
        min_by(p.evidence, p.offering_key) as evidence
    from part as p
    inner join member as m on m.review_month = p.review_month and m.member_key = p.offering_key
    where p.price is not null or p.cost_days is not null
    group by p.review_month, p.person_key, m.collection_key, p.days
),
compared as (
    select s.*, o.price, o.currency, o.price_basis, {{ money_div('s.cost_days', '1', 's.days') }} as cost,
        -- From the unrounded cost, rounded once.
        {{ money_div('1', '(s.cost_days - o.price * s.days)', 's.days') }} as saving
    from summed as s
    inner join {{ ref('int_offering_price') }} as o on o.review_month = s.review_month and o.offering_key = s.collection_key
    where s.members >= 2
        and not exists (
            select 1 from seat as h
            where h.review_month = s.review_month and h.person_key = s.person_key and h.offering_key = s.collection_key)
        and s.cost_days > cast(o.price as decimal(18,4)) * cast({{ param_for('USE-05', 'factor', 's', 's.collection_key') }} as decimal(9,6)) * s.days
)
select
    {{ finding(
        'USE-05', observed='c.cost', threshold='c.price', excess='c.saving', review_month='c.review_month',
        offering='c.collection_key', person='c.person_key', exposure='c.saving', currency='c.currency', price_basis='c.price_basis',
        severity="'low'", recommended_action="'to_collection'", evidence="coalesce(c.evidence, " ~ no_evidence() ~ ")", amount_now='c.cost', amount_alternative='c.price',
        detail="'Seats and tokens on ' || c.member_names || ' cost ' || c.cost || ' a year; the collection costs ' || cast(c.price as decimal(18,2)) || '.'"
    ) }}
from compared as c
