-- Grain: (person, collection not held, neither itself nor through another) with at least two members that cost the
-- person something: seats (each offering once, at its lowest price) and tokens, cost_days = cost a year x days,
-- exactly. Amounts are in one currency: that of all of them, else the organisation's; is_comparable is false where a
-- rate is missing or an amount is beyond what can be added. A member without any known cost does not count.
with member as (
    select c.review_month, c.collection_key, c.member_key
    from {{ source('reference', 'collection_members') }} as c
    inner join {{ ref('int_month') }} as m on m.review_month = c.review_month
    where c.valid_from <= m.as_of and m.as_of <= c.valid_to
),
seat as (
    select a.review_month, a.person_key, a.offering_key, min(a.price) as price,
        case when count(*) filter (where a.price is not null
            and r.per_unit is null) = 0 then min({{ converted('a.price', 'r.per_unit') }}) end as price_own,
        min(a.currency) as currency_low, max(a.currency) as currency_high,
        {{ evidence('a.src') }} as evidence
    from {{ ref('int_assignment') }} as a
    left join {{ ref('int_rate') }} as r on r.review_month = a.review_month and r.currency = a.currency
    group by a.review_month, a.person_key, a.offering_key
),
token as (
    select review_month, person_key, offering_key, sum(cost_days) as cost_days,
        case when count(cost_days) = count(cost_days_own) then sum(cost_days_own) end as cost_days_own,
        min(currency_low) as currency_low, max(currency_high) as currency_high,
        {{ least_by('evidence', 'is_hidden') }} as evidence
    from {{ ref('int_token_cost') }}
    where tokens > 0
    group by review_month, person_key, offering_key
),
part as (
    select
        coalesce(s.review_month, t.review_month) as review_month, coalesce(s.person_key, t.person_key) as person_key,
        coalesce(s.offering_key, t.offering_key) as offering_key, s.price, s.price_own, t.cost_days, t.cost_days_own,
        least(s.currency_low, t.currency_low) as currency_low,
            greatest(s.currency_high, t.currency_high) as currency_high,
        {{ joined_evidence('coalesce(s.evidence, ' ~ no_evidence() ~ ')', 'coalesce(t.evidence, ' ~ no_evidence()
            ~ ')') }} as evidence,
        coalesce(k.token_days_observed, 1) as days
    from seat as s
    full outer join token as t on t.review_month = s.review_month and t.person_key = s.person_key
        and t.offering_key = s.offering_key
    left join {{ ref('int_clock') }} as k on k.review_month = coalesce(s.review_month, t.review_month)
),
added as (
    select
        p.*,
        {{ addend(['coalesce(p.price, 0)', 'p.days']) }} + coalesce(p.cost_days, 0) as year_days,
        {{ addend(['coalesce(p.price_own, 0)', 'p.days']) }} + coalesce(p.cost_days_own, 0) as year_days_own
    from part as p
),
-- Names and evidence are gathered only where there are two members to be compared.
several as (
    select p.review_month, p.person_key, m.collection_key
    from added as p
    inner join member as m on m.review_month = p.review_month and m.member_key = p.offering_key
    where p.price is not null or p.cost_days is not null
    group by p.review_month, p.person_key, m.collection_key
    having count(*) >= 2
),
summed as (
    select p.review_month, p.person_key, m.collection_key, p.days,
        count(*) as members, count(p.cost_days) > 0 as has_tokens,
        {{ distinct_text('p.offering_key', ', ') }} as member_names,
        case when count(*) = count(p.year_days) then sum(p.year_days) end as cost_days,
        case when count(p.price) = count(p.price_own) and count(p.cost_days) = count(p.cost_days_own)
            and count(*) = count(p.year_days_own)
            then sum(p.year_days_own) end as cost_days_own,
        min(p.currency_low) as currency_low, max(p.currency_high) as currency_high,
        {{ joined_evidence(least_by('p.evidence', 'p.offering_key'),
            greatest_by('p.evidence', 'p.offering_key')) }} as evidence
    from added as p
    inner join member as m on m.review_month = p.review_month and m.member_key = p.offering_key
    inner join several as v on v.review_month = p.review_month and v.person_key = p.person_key
        and v.collection_key = m.collection_key
    where p.price is not null or p.cost_days is not null
    group by p.review_month, p.person_key, m.collection_key, p.days
),
priced as (
    select s.*, o.price, o.currency, o.price_basis,
        coalesce(least(s.currency_low, o.currency) <> greatest(s.currency_high, o.currency), false) as is_mixed
    from summed as s
    inner join {{ ref('int_offering_price') }} as o on o.review_month = s.review_month
        and o.offering_key = s.collection_key
    where not exists (
            select 1 from {{ ref('int_holding') }} as h
            where h.review_month = s.review_month and h.person_key = s.person_key and h.offering_key = s.collection_key)
)
select
    p.review_month, p.person_key, p.collection_key, p.members, p.member_names, p.has_tokens, p.days,
    case when p.is_mixed then p.cost_days_own else p.cost_days end as cost_days,
    case when p.is_mixed then {{ converted('p.price', 'r.per_unit') }} else p.price end as price,
    case when p.is_mixed then r.own_currency else p.currency end as currency,
    p.price_basis,
    case when p.is_mixed then p.cost_days_own is not null and {{ converted('p.price', 'r.per_unit') }} is not null
        else p.cost_days is not null end as is_comparable,
    p.evidence
from priced as p
left join {{ ref('int_rate') }} as r on r.review_month = p.review_month and r.currency = p.currency
