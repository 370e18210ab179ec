-- Grain: (offering, person): use in the month on a day without seat, without token charge, with a row that no perpetual
-- licence covers. days, evidence: where the person had no right; not_known_days: days on which a collection may have
-- given one.
with licence as (
    select p.review_month, o.offering_key, k.claim,
        max({{ leading_integer('p.version') }}) as release
    from {{ ref('stg_outside__perpetual_licences') }} as p
    inner join {{ ref('int_offering_name') }} as o on o.review_month = p.review_month and o.name = p.offering_name
    -- A licence of unknown kind may cover either claim.
    inner join (values ('network', 'network'), ('standalone', 'perpetual'), ('unknown', 'network'),
        ('unknown', 'perpetual')) as k (licence_kind, claim)
        on k.licence_kind = p.licence_kind
    group by p.review_month, o.offering_key, k.claim
),
bare as (
    select l.*
    from {{ ref('int_lrt_event') }} as l
    inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
    left join licence as p on p.review_month = l.review_month and p.offering_key = l.offering_key
        and p.claim = l.licence_claim
    where
        l.day >= m.month_start and l.day <= m.as_of and not l.is_excluded
        and (coalesce(l.licence_claim not in ('perpetual', 'network'), true)
            or {{ concluded('LRT-07', 'l', 'perpetual') }})
        and not (p.offering_key is not null and (l.release is null or coalesce(p.release >= l.release, false)))
        and not exists (
            select 1 from {{ ref('int_holding_day') }} as h
            where h.review_month = l.review_month and h.person_key = l.person_key and h.offering_key = l.offering_key
                and h.held_from <= l.day and l.day <= h.held_to)
        and not exists (
            select 1 from {{ ref('int_token_charge') }} as t
            where t.review_month = l.review_month and t.person_key = l.person_key and t.day = l.day
                and t.offering_key = l.offering_key)
)
select
    b.review_month, b.offering_key, b.person_key,
    count(distinct b.day) filter (where n.person_key is null) as days,
    count(distinct b.day) filter (where n.person_key is not null) as not_known_days,
    {{ evidence('case when n.person_key is null then b.src end') }} as evidence,
    count(*) filter (where n.person_key is null) as evidence_rows
from bare as b
left join (select distinct review_month, person_key, product_key, day from {{ ref('int_use_not_known') }}) as n
    on n.review_month = b.review_month and n.person_key = b.person_key and n.product_key = b.offering_key
        and n.day = b.day
group by b.review_month, b.offering_key, b.person_key
