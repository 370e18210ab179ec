-- ENT-03: contract, portal and invoice do not say the same. Grain: offering; scope = contract (else subscription) and type of the difference.
-- One invoice line per contract and offering: of those whose period covers as_of the latest by invoice date, then number, then row.
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
    where subscription_id is not null and contract_number is not null
    group by review_month, subscription_id
),
invoice as (
    select i.review_month, coalesce(i.contract_number, c.contract_number, i.subscription_id, '') as line_key, o.offering_key,
        i.quantity, i.unit_price, i.currency, i.src
    from {{ ref('stg_outside__invoices') }} as i
    inner join {{ ref('int_month') }} as m on m.review_month = i.review_month
    inner join {{ ref('int_offering_name') }} as o on o.review_month = i.review_month and o.name = i.offering_name
    left join contract_of as c on c.review_month = i.review_month and c.subscription_id = i.subscription_id
    where coalesce(i.period_start, m.as_of) <= m.as_of and coalesce(i.period_end, m.as_of) >= m.as_of
    qualify row_number() over (
        partition by i.review_month, coalesce(i.contract_number, c.contract_number, i.subscription_id, ''), o.offering_key
        order by i.invoice_date desc, i.invoice_number desc, i.src desc) = 1
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
),
line as (
    select k.review_month, k.line_key, k.offering_key,
        c.line_key is not null as in_contract, p.line_key is not null as in_portal, i.line_key is not null as in_invoice,
        cast(c.quantity as decimal(18,4)) as contract_quantity, cast(p.quantity as decimal(18,4)) as portal_quantity, cast(i.quantity as decimal(18,4)) as invoice_quantity,
        c.unit_price as contract_price, i.unit_price as invoice_price,
        coalesce(c.currency = i.currency, true) as same_currency,
        p.end_date as portal_end, t.end_date as contract_end,
        coalesce(p.evidence, case when i.src is not null then {{ evidence_of('i.src') }} else {{ evidence_of('c.src') }} end) as evidence
    from keys as k
    left join contract as c on c.review_month = k.review_month and c.line_key = k.line_key and c.offering_key = k.offering_key
    left join portal as p on p.review_month = k.review_month and p.line_key = k.line_key and p.offering_key = k.offering_key
    left join invoice as i on i.review_month = k.review_month and i.line_key = k.line_key and i.offering_key = k.offering_key
    left join {{ source('reference', 'contracts') }} as t on t.review_month = k.review_month and t.contract_number = k.line_key
),
typed as (
    select l.*, 'missing_in_portal' as type, coalesce(contract_quantity, invoice_quantity) as observed, 0 as threshold from line as l where not in_portal
    union all
    select l.*, 'missing_in_contract', coalesce(portal_quantity, invoice_quantity), 0 from line as l where not in_contract
    union all
    select l.*, 'missing_invoice', coalesce(portal_quantity, contract_quantity), 0 from line as l where not in_invoice
    union all
    select l.*, 'quantity', greatest(contract_quantity, portal_quantity, invoice_quantity), least(contract_quantity, portal_quantity, invoice_quantity)
    from line as l
    where greatest(contract_quantity, portal_quantity, invoice_quantity) > least(contract_quantity, portal_quantity, invoice_quantity)
    union all
    select l.*, 'unit_price', cast(invoice_price as decimal(18,4)), cast(contract_price as decimal(18,4))
    from line as l
    where same_currency and abs(invoice_price - contract_price) > {{ param_decimal('ENT-03', 'price_share', 'l') }} * contract_price
    union all
    select l.*, 'end_date', {{ days_between('portal_end', 'contract_end') }}, 0 from line as l where portal_end <> contract_end
)
select
    {{ finding(
        'ENT-03', observed='t.observed', threshold='t.threshold', review_month='t.review_month', offering='t.offering_key',
        scope="t.line_key || ':' || t.type", severity="'high'", recommended_action="'reconcile'", evidence='t.evidence',
        detail="case t.type when 'missing_in_portal' then 'Not among the subscriptions in force: contract ' || coalesce(" ~ plain_number('t.contract_quantity') ~ ", 'none') || ', invoice ' || coalesce(" ~ plain_number('t.invoice_quantity') ~ ", 'none') || '.' when 'missing_in_contract' then 'No contract line names it.' when 'missing_invoice' then 'No invoice covers it.' when 'end_date' then 'The portal ends on ' || t.portal_end || ', the contract on ' || t.contract_end || '.' when 'unit_price' then 'Invoiced at ' || t.invoice_price || ', agreed at ' || t.contract_price || '.' else 'Quantities differ: contract ' || coalesce(" ~ plain_number('t.contract_quantity') ~ ", 'none') || ', portal ' || coalesce(" ~ plain_number('t.portal_quantity') ~ ", 'none') || ', invoice ' || coalesce(" ~ plain_number('t.invoice_quantity') ~ ", 'none') || '.' end"
    ) }}
from typed as t
