-- Grain: offering with perpetual licences in drop(M): seats of all of them, the greatest release (null if no version
-- has a number), and whether a subscription of it, or of a collection with it, is in force in any team.
with licence as (
    select
        p.review_month, o.offering_key, sum(p.seats) as seats, max({{ leading_integer('p.version') }}) as release,
        count(*) as licence_rows, {{ evidence('p.src') }} as evidence
    from {{ ref('stg_outside__perpetual_licences') }} as p
    inner join {{ ref('int_offering_name') }} as o on o.review_month = p.review_month and o.name = p.offering_name
    group by p.review_month, o.offering_key
),
subscribed as (
    select s.review_month, s.offering_key from {{ ref('int_subscription') }} as s where s.in_force
    union
    select s.review_month, c.member_key as offering_key
    from {{ ref('int_subscription') }} as s
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ source('reference', 'collection_members') }} as c
        on c.review_month = s.review_month and c.collection_key = s.offering_key and c.valid_from <= m.as_of
            and m.as_of <= c.valid_to
    where s.in_force
)
select l.*, x.offering_key is not null as is_subscribed
from licence as l
left join subscribed as x on x.review_month = l.review_month and x.offering_key = l.offering_key
