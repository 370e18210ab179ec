-- Grain: (document, line_no): what was paid for, whole: invoice lines, and token packs with an amount where no invoice
-- line is for tokens. Half open period.
-- A line without an end runs a year at a time until the next line of the same contract and offering; one without a
-- start begins on its date.
with contract_of as (
    select review_month, subscription_id, min(contract_number) as contract_number
    from {{ ref('int_subscription') }}
    group by review_month, subscription_id
),
invoice as (
    select
        i.review_month, i.invoice_number as document, i.src, i.invoice_date as document_date,
        coalesce(i.contract_number, c.contract_number, i.subscription_id, '') as line_key,
        o.offering_key, i.quantity, i.unit_price, i.currency,
        coalesce(i.period_start, i.invoice_date) as period_start, i.period_end,
        coalesce(f.licence_metric = 'flex_only', false)
            or {{ matches('o.offering_key', "(^|[_:])flex(_|$)") }} as is_token
    from {{ ref('stg_outside__invoices') }} as i
    inner join {{ ref('int_offering_name') }} as o on o.review_month = i.review_month and o.name = i.offering_name
    left join contract_of as c on c.review_month = i.review_month and c.subscription_id = i.subscription_id
    left join {{ source('reference', 'offerings') }} as f on f.review_month = i.review_month
        and f.offering_key = o.offering_key
),
ended as (
    select
        i.*,
        -- The next line that starts later ends one without an end.
        (select min(n.period_start) from invoice as n
            where n.review_month = i.review_month and n.line_key = i.line_key and n.offering_key = i.offering_key
                and n.period_start > i.period_start) as next_start
    from invoice as i
),
line as (
    select
        e.review_month, 'invoice' as source, e.document, e.src, e.document_date, e.line_key,
            cast(null as string) as team_alias, e.offering_key, e.is_token,
        e.quantity, e.unit_price, e.currency, e.period_start,
        case when e.period_end is null then e.next_start else {{ add_days('e.period_end', 1) }} end as period_end,
        e.period_end is null as renews_yearly
    from ended as e
    union all
    select
        p.review_month, 'pack', p.pack_id, p.src, p.start_date, coalesce(p.contract_number, ''), p.team_alias, 'flex',
            true,
        p.tokens, cast(null as {{ price_type() }}), p.currency, p.start_date, {{ add_days('p.end_date', 1) }}, false
    from {{ ref('stg_portal__flex_packs') }} as p
    where p.amount is not null and p.currency is not null
        and not exists (select 1 from invoice as i where i.review_month = p.review_month and i.is_token)
)
select
    l.*, row_number() over (partition by l.review_month, l.document order by l.source, l.src) as line_no,
    -- A product of two numbers below 10^15 is always there.
    cast(case when l.source = 'pack' then {{ money('p.amount') }}
        else {{ money_product('l.quantity', 'l.unit_price') }} end * 100 as {{ whole_type() }}) as amount_cents
from line as l
left join {{ ref('stg_portal__flex_packs') }} as p on l.source = 'pack' and p.review_month = l.review_month
    and p.src = l.src
