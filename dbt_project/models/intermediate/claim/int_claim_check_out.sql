-- Grain: (line of the claims, row of the licence server's log): check-outs in its period by the device or the person
-- that it names, of a feature whose peak is within what was issued.
{{ config(materialized='view') }}
with claim as (
    select * from {{ ref('int_claim') }} as c where {{ can_be_judged('c') }}
),
holder as (
    select c.review_month, c.claim_src, h.handle, h.feature
    from claim as c
    inner join {{ ref('int_nlm_handle') }} as h on h.review_month = c.review_month
        and {{ device_key('h.host_key') }} = c.device_key
    union
    select c.review_month, c.claim_src, h.handle, h.feature
    from claim as c
    inner join {{ ref('int_nlm_handle') }} as h on h.review_month = c.review_month
        and h.user_key = split_part(c.person_key, '@', 1)
    where c.subject = 'person'
)
select c.review_month, c.claim_src, cast(l.sequence_at as date) as day, l.src
from holder as h
inner join claim as c on c.review_month = h.review_month and c.claim_src = h.claim_src
inner join {{ ref('int_nlm_feature') }} as f on f.review_month = h.review_month and f.feature = h.feature
    and f.offering_key = c.offering_key and not coalesce(f.peak > f.issued, false)
inner join {{ ref('int_nlm_level') }} as l on l.review_month = h.review_month and l.handle = h.handle
    and l.operation = 'OUT'
where c.period_from <= cast(l.sequence_at as date) and cast(l.sequence_at as date) <= c.period_to
    and (c.release is null or coalesce({{ leading_number('f.release') }} >= c.release, true))
