-- Grain: currency with a rate at as_of: how much of the organisation's currency one unit of it is; the organisation's
-- own is 1. No rows where the organisation does not say its currency.
with own as (
    select m.review_month, m.as_of, s.value as currency
    from {{ ref('int_month') }} as m
    inner join {{ source('reference', 'settings') }} as s on s.review_month = m.review_month and s.key = 'currency'
    where s.value is not null
)
select review_month, currency, currency as own_currency, true as is_own, cast(1 as {{ rate_type() }}) as per_unit
from own
union all
select o.review_month, x.currency, o.currency as own_currency, false as is_own,
    cast(x.per_unit as {{ rate_type() }}) as per_unit
from own as o
inner join {{ source('reference', 'exchange_rates') }} as x
    on x.review_month = o.review_month and x.currency <> o.currency and x.valid_from <= o.as_of
        and o.as_of <= x.valid_to
