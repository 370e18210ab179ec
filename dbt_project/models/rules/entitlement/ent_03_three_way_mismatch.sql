-- ENT-03: contract, portal and invoice do not say the same. Grain: offering; scope = contract (else subscription) and
-- type of the difference.
with typed as (
    select l.*, 'missing_in_portal' as type, coalesce(contract_quantity, invoice_quantity) as observed, 0 as threshold
        from {{ ref('int_contract_line') }} as l where not in_portal and {{ concluded('ENT-03', 'l',
        'missing_in_portal') }}
    union all
    select l.*, 'missing_in_contract', coalesce(portal_quantity, invoice_quantity), 0
        from {{ ref('int_contract_line') }} as l where not in_contract
        and (not l.is_unattributed or {{ concluded('ENT-03', 'l', 'missing_in_portal') }})
    union all
    select l.*, 'missing_invoice', coalesce(portal_quantity, contract_quantity), 0
        from {{ ref('int_contract_line') }} as l where not in_invoice and {{ concluded('ENT-03', 'l',
        'missing_invoice') }}
        -- A subscription that is missing in a part may be the one that an invoice without contract names.
        and ({{ concluded('ENT-03', 'l', 'missing_in_portal') }} or not exists (
            select 1 from {{ ref('int_contract_line') }} as x
                where x.review_month = l.review_month and x.offering_key = l.offering_key and x.is_unattributed))
    union all
    select l.*, 'quantity', greatest(contract_quantity, portal_quantity, invoice_quantity),
        least(contract_quantity, portal_quantity, invoice_quantity)
    from {{ ref('int_contract_line') }} as l
    where greatest(contract_quantity, portal_quantity, invoice_quantity) > least(contract_quantity, portal_quantity,
        invoice_quantity)
        and {{ concluded('ENT-03', 'l', 'quantity') }}
    union all
    select l.*, 'unit_price', invoice_price, contract_price
    from {{ ref('int_contract_line') }} as l
    where same_currency and abs(invoice_price - contract_price) > {{ param_for('ENT-03', 'price_share', 'l',
        'l.offering_key') }} * contract_price
    union all
    select l.*, 'end_date', {{ days_between('portal_end', 'contract_end') }}, 0 from {{ ref('int_contract_line') }} as l
        where portal_end <> contract_end
        -- Of a part of the subscriptions the latest end may be missing.
        and (portal_end > contract_end or {{ concluded('ENT-03', 'l', 'missing_in_portal') }})
),
found as (
    select
        t.review_month, t.offering_key, t.line_key || ':' || t.type as scope,
        t.observed, t.threshold, 'high' as severity, 'reconcile' as recommended_action, t.evidence,
        case t.type
            when 'missing_in_portal' then 'Not among the subscriptions in force: contract '
                || coalesce({{ plain_number('t.contract_quantity') }}, 'none') || ', invoice '
                || coalesce({{ plain_number('t.invoice_quantity') }}, 'none') || '.'
            when 'missing_in_contract' then 'No contract line names it.'
            when 'missing_invoice' then 'No invoice covers it.'
            when 'end_date' then 'The portal ends on ' || t.portal_end || ', the contract on ' || t.contract_end || '.'
            when 'unit_price' then 'Invoiced at ' || {{ amount_text('t.invoice_price', 't.contract_currency') }}
                || ' a seat, agreed at ' || {{ amount_text('t.contract_price', 't.contract_currency') }} || '.'
            else 'Quantities differ: contract ' || coalesce({{ plain_number('t.contract_quantity') }}, 'none')
                || ', portal ' || coalesce({{ plain_number('t.portal_quantity') }}, 'none') || ', invoice '
                || coalesce({{ plain_number('t.invoice_quantity') }}, 'none') || '.' end as detail
    from typed as t
)
select {{ finding('ENT-03', ['offering_key', 'scope']) }}
from found
