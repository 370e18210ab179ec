-- Grain: (contract, else subscription; offering): what contract, portal and invoice say of it at as_of. Invoice: of the
-- lines whose period covers as_of those with the latest invoice date, whatever their numbers, summed; their price is
-- the mean by quantity. A line without contract takes that of its subscription.
with portal as (
    select s.review_month, coalesce(s.contract_number, s.subscription_id, '') as line_key, s.offering_key,
        sum(s.seat_quantity) as quantity, max(s.end_date) as end_date, {{ evidence('s.src') }} as evidence
    from {{ ref('int_subscription') }} as s
    where s.in_force
    group by s.review_month, coalesce(s.contract_number, s.subscription_id, ''), s.offering_key
),
contract_of as (
    select review_month, subscription_id, min(contract_number) as contract_number
    from {{ ref('int_subscription') }}
    where subscription_id is not null
    group by review_month, subscription_id
),
invoice_line as (
    select i.review_month, coalesce(i.contract_number, c.contract_number, i.subscription_id, '') as line_key,
        o.offering_key,
        i.invoice_date, i.quantity, i.unit_price, i.currency, i.src, i.contract_number is null
            and c.subscription_id is null as is_unattributed
    from {{ ref('stg_outside__invoices') }} as i
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_offering_name') }} as o on o.review_month = i.review_month and o.name = i.offering_name
    left join contract_of as c on c.review_month = i.review_month and c.subscription_id = i.subscription_id
    where coalesce(i.period_start, m.as_of) <= m.as_of and coalesce(i.period_end, m.as_of) >= m.as_of
    qualify i.invoice_date = max(i.invoice_date) over (
        partition by i.review_month, coalesce(i.contract_number, c.contract_number, i.subscription_id, ''),
            o.offering_key)
),
invoice as (
    select review_month, line_key, offering_key, sum(quantity) as quantity,
        -- One price stays what it is; a mean of several has at most six places, and there is none of several currencies
        -- or of no seat.
        case
            when min(currency) <> max(currency) or sum(quantity) = 0 then null
            when min(unit_price) = max(unit_price) then min(unit_price)
            else coalesce(
                {{ mean_price('case when count(*) = count(' ~ addend(['quantity', 'unit_price']) ~ ') then sum('
                    ~ addend(['quantity', 'unit_price']) ~ ') end', 'sum(quantity)') }},
                try_cast(round(sum(cast(quantity as double) * cast(unit_price as double))
                    / nullif(sum(cast(quantity as double)), 0), 6) as {{ price_type() }}))
        end as unit_price,
        min(currency) as currency, min(currency) = max(currency) as one_currency,
            bool_or(is_unattributed) as is_unattributed, {{ evidence('src') }} as evidence
    from invoice_line
    group by review_month, line_key, offering_key
),
contract as (
    select review_month, contract_number as line_key, offering_key, quantity, unit_price, currency, _src as src
    from {{ source('reference', 'contract_lines') }}
),
keys as (
    select review_month, line_key, offering_key from portal
    union
    select review_month, line_key, offering_key from invoice
    union
    select review_month, line_key, offering_key from contract
)
select k.review_month, k.line_key, k.offering_key,
    c.line_key is not null as in_contract, p.line_key is not null as in_portal, i.line_key is not null as in_invoice,
    cast(c.quantity as {{ total_type() }}) as contract_quantity,
        cast(p.quantity as {{ total_type() }}) as portal_quantity,
        cast(i.quantity as {{ total_type() }}) as invoice_quantity,
    c.unit_price as contract_price, i.unit_price as invoice_price,
    c.currency as contract_currency, coalesce(i.one_currency, true)
        and coalesce(c.currency = i.currency, true) as same_currency,
    p.end_date as portal_end, t.end_date as contract_end,
    -- The invoice names neither contract nor a subscription that the portal shows.
    coalesce(i.is_unattributed, false) as is_unattributed,
    {{ evidence_with(joined_evidence('coalesce(p.evidence, ' ~ no_evidence() ~ ')', 'coalesce(i.evidence, '
        ~ no_evidence() ~ ')'), 'c.src') }} as evidence
from keys as k
left join contract as c on c.review_month = k.review_month and c.line_key = k.line_key
    and c.offering_key = k.offering_key
left join portal as p on p.review_month = k.review_month and p.line_key = k.line_key and p.offering_key = k.offering_key
left join invoice as i on i.review_month = k.review_month and i.line_key = k.line_key
    and i.offering_key = k.offering_key
left join {{ source('reference', 'contracts') }} as t on t.review_month = k.review_month
    and t.contract_number = k.line_key
