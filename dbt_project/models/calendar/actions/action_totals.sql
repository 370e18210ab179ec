-- Grain: (review_month, kind, currency, price_basis): what is open in the month, and was in the month before. Open is
-- what is proposed, decided or in work; what was refused, is done or has lapsed stands in `savings`. A group that is
-- there in one of the two months only has zeros for the other.
with of_month as (
    select m.review_month, a.kind, a.currency, a.price_basis, a.amount, a.review_month = m.review_month as is_now
    from {{ ref('int_month') }} as m
    inner join {{ ref('actions') }} as a on a.review_month = m.review_month or a.review_month = m.prev_month
    where a.state in ('proposed', 'decided', 'in_work')
)
select
    o.review_month, o.kind, o.currency, o.price_basis,
    count(*) filter (where o.is_now) as number,
    cast(coalesce(sum(case when o.is_now then o.amount end), 0) as {{ money_type() }}) as amount,
    count(*) filter (where o.is_now and o.amount is null and o.kind <> 'govern') as unpriced,
    count(*) filter (where not o.is_now) as number_before,
    cast(coalesce(sum(case when not o.is_now then o.amount end), 0) as {{ money_type() }}) as amount_before,
    count(*) filter (where not o.is_now and o.amount is null and o.kind <> 'govern')
        as unpriced_before
from of_month as o
group by o.review_month, o.kind, o.currency, o.price_basis
