-- Grain: a charge in the FOCUS 1.2 format: purchases made in the review month (invoice lines, token packs), the month's
-- share of what was bought (per cost centre) and the token charges of the month (per team, product, feature, cost
-- centre and day). Cash is BilledCost, consumption EffectiveCost: they are never to be added together. Names and rules
-- are those of the FOCUS specification 1.2 (CC-BY-4.0); `x_` columns are ours.
with setting as (
    select
        m.review_month, m.month_start, {{ add_days('m.as_of', 1) }} as month_end,
        coalesce(max(case when s.key = 'billing_account' then s.value end),
            max(case when s.key = 'organisation' then s.value end), 'unknown') as account_id,
        max(case when s.key = 'organisation' then s.value end) as account_name,
        coalesce(max(case when s.key = 'invoice_issuer' then s.value end), 'Autodesk') as issuer,
        coalesce(max(case when s.key = 'currency' then s.value end), 'EUR') as currency
    from {{ ref('int_month') }} as m
    left join {{ source('reference', 'settings') }} as s using (review_month)
    group by m.review_month, m.month_start, m.as_of
),
list_price as (
    select review_month, offering_key, amount, currency from {{ ref('int_price') }}
        where basis = 'list' and contract_number = ''
),
named as (
    select o.review_month, o.offering_key, max(o.name) as name
        from {{ source('reference', 'offerings') }} as o group by o.review_month, o.offering_key
),
purchase as (
    select
        l.review_month, case when l.is_token then 'token_purchase'
            else 'seat_purchase' end as row_kind, l.document, l.line_no, l.team_alias, l.offering_key,
        cast(null as string) as feature, cast(null as string) as cost_centre,
        'Purchase' as category, {{ money_of_cents('l.amount_cents') }} as billed,
            cast(0 as {{ money_type() }}) as effective,
        {{ money_of_cents('l.amount_cents') }} as contracted,
        case when not l.is_token and p.amount is not null then {{ money_product('l.quantity', 'p.amount') }}
            else {{ money_of_cents('l.amount_cents') }} end as list_cost,
        cast(l.quantity as {{ total_type() }}) as quantity, case when l.is_token then 'Token' else 'Seat' end as unit,
        cast(null as {{ total_type() }}) as consumed, cast(null as string) as consumed_unit, l.currency,
            cast(null as string) as pricing_currency,
        cast(null as {{ total_type() }}) as tokens,
        l.period_start as charge_start,
            coalesce(case when l.renews_yearly then least(coalesce(l.period_end,
            {{ add_months('l.period_start', 12) }}), {{ add_months('l.period_start', 12) }})
            else l.period_end end, {{ add_months('l.period_start', 12) }}) as charge_end,
        case when l.is_token then 'Flex tokens' else 'Seats' end as what, l.line_key, false as is_ai
    from {{ ref('int_charge_line') }} as l
    inner join setting as s on s.review_month = l.review_month and l.document_date >= s.month_start
        and l.document_date < s.month_end
    left join list_price as p on p.review_month = l.review_month and p.offering_key = l.offering_key
        and p.currency = l.currency
),
seat_usage as (
    select
        c.review_month, 'seat_share' as row_kind, c.document, c.line_no, cast(null as string) as team_alias,
            c.offering_key,
        cast(null as string) as feature, c.cost_centre || case c.kind
            when 'seats' then '' else ' (' || c.kind || ')' end as cost_centre,
        'Usage' as category, cast(0 as {{ money_type() }}) as billed, c.amount as effective, c.amount as contracted,
            c.amount as list_cost,
        cast(c.units as {{ total_type() }}) as quantity, 'Seat-Months' as unit,
            cast(c.units as {{ total_type() }}) as consumed, 'Seat-Months' as consumed_unit, c.currency,
        cast(null as string) as pricing_currency, cast(null as {{ total_type() }}) as tokens,
            s.month_start as charge_start, s.month_end as charge_end,
        'Share of the month' as what, c.contract_number as line_key, false as is_ai
    from {{ ref('chargeback') }} as c
    inner join setting as s using (review_month)
    inner join {{ ref('int_charge_line') }} as l on l.review_month = c.review_month and l.document = c.document
        and l.line_no = c.line_no and not l.is_token
),
-- The pack that a day's tokens are taken from, as far as it can be told without the ledger: of those of the pool that
-- can be used on the day the one that ends first, then the smallest.
pack_of_day as (
    select d.review_month, d.team_alias, d.day, p.pack_id
    from (select distinct review_month, team_alias, day from {{ ref('token_burn') }}) as d
    inner join {{ ref('int_flex_pack') }} as p on p.review_month = d.review_month and p.team_alias = d.team_alias
        and p.start_date <= d.day and d.day <= p.end_date
    qualify row_number() over (partition by d.review_month, d.team_alias, d.day order by p.end_date nulls last,
        p.tokens nulls last, p.pack_id nulls last) = 1
),
-- Without persons: the file goes to finance. A unit is a person's day, on which a product's rate is charged once.
token_day as (
    select
        b.review_month, b.team_alias, b.offering_key, nullif(b.feature, '') as feature, p.cost_centre, b.day, b.is_ai,
        cast(sum(b.tokens) as {{ total_type() }}) as tokens, cast(count(*) as {{ total_type() }}) as user_days
    from {{ ref('token_burn') }} as b
    left join {{ ref('int_person') }} as p using (review_month, person_key)
    group by b.review_month, b.team_alias, b.offering_key, nullif(b.feature, ''), p.cost_centre, b.day, b.is_ai
),
-- The list price is that of the row without contract, where it is in the currency of the row.
token_usage as (
    select
        d.review_month, 'token_usage' as row_kind, k.pack_id as document, cast(null as bigint) as line_no,
            d.team_alias, d.offering_key,
        d.feature, d.cost_centre,
        'Usage' as category, cast(0 as {{ money_type() }}) as billed,
        coalesce({{ money_product('d.tokens', 'coalesce(x.price, y.price)') }}, 0) as effective,
        coalesce({{ money_product('d.tokens', 'coalesce(x.price, y.price)') }}, 0) as contracted,
        coalesce({{ money_product('d.tokens', 'coalesce(case when y.currency = x.currency then y.price end, x.price, '
            'y.price)') }}, 0) as list_cost,
        d.user_days as quantity, 'User-Days' as unit, d.user_days as consumed, 'User-Days' as consumed_unit,
        coalesce(x.currency, y.currency, s.currency) as currency, 'Token' as pricing_currency, d.tokens,
        d.day as charge_start, {{ add_days('d.day', 1) }} as charge_end, 'Flex tokens used' as what,
            cast(null as string) as line_key, d.is_ai
    from token_day as d
    inner join setting as s using (review_month)
    left join {{ ref('int_token_price') }} as x using (review_month, team_alias)
    left join {{ ref('int_token_price') }} as y on y.review_month = d.review_month and y.team_alias = ''
    left join pack_of_day as k using (review_month, team_alias, day)
),
charge as (
    select * from purchase
    union all
    select * from seat_usage
    union all
    select * from token_usage
)
select
    c.review_month,
    c.billed as {{ cased('BilledCost') }}, s.account_id as {{ cased('BillingAccountId') }}, s.account_name
        as {{ cased('BillingAccountName') }},
        c.currency as {{ cased('BillingCurrency') }},
    cast(s.month_end as string) || 'T00:00:00Z' as {{ cased('BillingPeriodEnd') }}, cast(s.month_start as string)
        || 'T00:00:00Z' as {{ cased('BillingPeriodStart') }},
    c.category as {{ cased('ChargeCategory') }}, cast(null as string) as {{ cased('ChargeClass') }},
    c.what || ': ' || coalesce(n.name, c.offering_key) || coalesce(', ' || c.feature, '')
        as {{ cased('ChargeDescription') }},
    case c.category when 'Purchase' then 'One-Time' else 'Usage-Based' end as {{ cased('ChargeFrequency') }},
    cast(c.charge_end as string) || 'T00:00:00Z' as {{ cased('ChargePeriodEnd') }}, cast(c.charge_start as string)
        || 'T00:00:00Z' as {{ cased('ChargePeriodStart') }},
    c.consumed as {{ cased('ConsumedQuantity') }}, c.consumed_unit as {{ cased('ConsumedUnit') }},
    c.contracted as {{ cased('ContractedCost') }}, c.effective as {{ cased('EffectiveCost') }},
    c.document as {{ cased('InvoiceId') }}, s.issuer as {{ cased('InvoiceIssuerName') }},
        c.list_cost as {{ cased('ListCost') }},
    'Standard' as {{ cased('PricingCategory') }}, coalesce(c.pricing_currency, c.currency)
        as {{ cased('PricingCurrency') }},
    case when c.pricing_currency is not null then c.tokens end as {{ cased('PricingCurrencyEffectiveCost') }},
    c.quantity as {{ cased('PricingQuantity') }}, c.unit as {{ cased('PricingUnit') }},
    'Autodesk' as {{ cased('ProviderName') }}, 'Autodesk' as {{ cased('PublisherName') }},
    case when c.row_kind = 'token_purchase' then c.document
        else c.offering_key end as {{ cased('ResourceId') }}, coalesce(n.name, c.offering_key)
            as {{ cased('ResourceName') }},
    case when c.row_kind = 'token_purchase' then 'Token Allocation' else 'Product' end as {{ cased('ResourceType') }},
    -- One category for one service: AI features, charged in tokens like any other, are a service of their own.
    case when c.is_ai then 'AI and Machine Learning' else 'Business Applications' end as {{ cased('ServiceCategory') }},
    case when c.is_ai then 'Autodesk Flex AI' when c.row_kind in ('token_purchase', 'token_usage') then 'Autodesk Flex'
        else 'Autodesk Subscriptions' end as {{ cased('ServiceName') }},
    case when c.is_ai then 'Other (AI and Machine Learning)' else 'Other (Business Applications)' end
        as {{ cased('ServiceSubcategory') }},
    c.offering_key as {{ cased('SkuId') }}, c.team_alias as {{ cased('SubAccountId') }}, c.team_alias
        as {{ cased('SubAccountName') }},
    case when c.cost_centre is not null then '{"cost_centre":"' || replace(c.cost_centre, '"', '') || '"}'
        end as {{ cased('Tags') }},
    c.row_kind as {{ cased('x_RowKind') }}, c.document as {{ cased('x_Document') }}, c.line_no
        as {{ cased('x_DocumentLine') }},
        nullif(c.line_key, '') as {{ cased('x_AgreementNumber') }}, c.feature as {{ cased('x_Feature') }},
    c.tokens as {{ cased('x_TokensCharged') }}, c.cost_centre as {{ cased('x_CostCentre') }}
from charge as c
inner join setting as s using (review_month)
left join named as n using (review_month, offering_key)
