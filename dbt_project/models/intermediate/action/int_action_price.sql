-- Grain: (review_month, action) of those with money: kind, seats, amount and its basis, each seat once. What is freed
-- by a row of its own is not in that of the position; what another team takes is not in that of the stock; seats given
-- up are not in those that an end of subscriptions forces out. What an auditor would claim stands at the list price. A
-- null amount has no price.
with seat as (
    select
        s.review_month, s.action_id,
        case when not s.is_freed or s.freed_place > p.by_seats then 'save' else 'owe' end as kind,
        cast(1 as bigint) as seats, s.price, s.currency, s.price_basis, p.other_price, p.other_currency,
        cast('a year' as string) as amount_is, p.term_end
    from {{ ref('int_action_seat') }} as s
    inner join {{ ref('int_action_position') }} as p using (review_month, team_alias, offering_key)
    where s.removal in ('unassign', 'edit_group') and not s.is_kept
),
position as (
    select s.review_month, s.action_id, 'owe' as kind, p.left_over as seats, p.price, p.currency, p.price_basis,
        p.other_price, p.other_currency, 'a year' as amount_is, p.term_end
    from {{ ref('int_action_subject') }} as s
    inner join {{ ref('int_action_position') }} as p using (review_month, team_alias, offering_key)
    where s.subject_type = 'position'
),
spare as (
    select f.review_month, f.action_id, 'save' as kind,
        cast(least(f.excess, p.spare) as bigint) as seats, p.price, p.currency, p.price_basis,
        p.other_price, p.other_currency, 'a year' as amount_is, p.term_end
    from {{ ref('int_action_finding') }} as f
    inner join {{ ref('int_action_position') }} as p using (review_month, team_alias, offering_key)
    where f.subject_type = 'stock'
),
cliff as (
    select f.review_month, f.action_id, 'risk' as kind,
        cast(greatest(0, f.excess - p.unneeded) as bigint) as seats, p.price, p.currency, p.price_basis,
        p.other_price, p.other_currency, 'a year' as amount_is, p.term_end
    from {{ ref('int_action_finding') }} as f
    inner join {{ ref('int_action_position') }} as p using (review_month, team_alias, offering_key)
    where f.subject_type = 'cliff'
),
claimed as (
    select s.review_month, s.action_id, 'risk' as kind, cast(1 as bigint) as seats,
        coalesce(l.amount, c.amount) as price, coalesce(l.currency, c.currency) as currency,
        case when l.amount is not null then 'list' when c.amount is not null then 'contract' else 'none'
            end as price_basis,
        case when l.amount is not null then c.amount end as other_price,
        case when l.amount is not null then c.currency end as other_currency,
        'a year' as amount_is, cast(null as date) as term_end
    from {{ ref('int_action_subject') }} as s
    left join {{ ref('int_price') }} as l on l.review_month = s.review_month and l.offering_key = s.offering_key
        and l.basis = 'list' and l.contract_number = ''
    left join {{ ref('int_price') }} as c on c.review_month = s.review_month and c.offering_key = s.offering_key
        and c.basis = 'contract' and c.contract_number = ''
    where s.subject_type = 'right'
),
priced_seat as (
    select * from seat
    union all
    select * from position
    union all
    select * from spare
    union all
    select * from cliff
    union all
    select * from claimed
),
-- Alternatives: the greater of what the findings on the seat save, where the seat itself stays.
other_form as (
    select f.review_month, f.action_id, max(f.exposure_amount) as amount,
        {{ greatest_by('f.currency', 'f.exposure_amount', ties=true) }} as currency,
        {{ greatest_by('f.price_basis', 'f.exposure_amount', ties=true) }} as price_basis
    from {{ ref('int_action_finding') }} as f
    inner join {{ ref('int_action_seat') }} as s using (review_month, action_id)
    where f.rule_id in ('USE-03', 'USE-06') and s.removal is null
    group by f.review_month, f.action_id
),
-- A collection in the place of its members adds nothing where a seat or the tokens on one of them are dealt with.
member_dealt_with as (
    select distinct f.review_month, f.action_id
    from {{ ref('int_action_finding') }} as f
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ source('reference', 'collection_members') }} as c on c.review_month = f.review_month
        and c.collection_key = f.offering_key and c.valid_from <= m.as_of and m.as_of <= c.valid_to
    inner join (
        select review_month, person_key, offering_key from {{ ref('int_action_seat') }} where is_freed
        union all
        select other.review_month, other.person_key, other.offering_key
        from {{ ref('int_action_finding') }} as other
        where other.rule_id in ('USE-03', 'USE-04')
    ) as o on o.review_month = f.review_month and o.person_key = f.person_key and o.offering_key = c.member_key
    where f.subject_type = 'to_collection'
),
alternative as (
    select f.review_month, f.action_id,
        case when d.action_id is not null and f.exposure_amount is not null then cast(0 as {{ money_type() }})
            else f.exposure_amount end as amount,
        f.currency, f.price_basis
    from {{ ref('int_action_finding') }} as f
    left join member_dealt_with as d on d.review_month = f.review_month and d.action_id = f.action_id
    where f.subject_type in ('to_seat', 'to_collection')
    union all
    select review_month, action_id, amount, currency, price_basis from other_form
),
-- Tokens that will be missing, from the smaller of ledger and portal, as in the forecast.
pool as (
    select s.review_month, s.action_id, p.shortfall_amount as amount,
        case when p.shortfall_amount is not null then x.currency end as currency,
        case when p.shortfall_amount is not null then 'contract' else 'none' end as price_basis, x.term_end
    from {{ ref('int_action_subject') }} as s
    inner join {{ ref('int_pool_stated') }} as p using (review_month, team_alias)
    inner join {{ ref('int_pool') }} as x using (review_month, team_alias)
    where s.subject_type = 'pool' and p.is_short
),
-- Invoiced above what was agreed, on the lines of a contract whose price is a finding.
overcharged as (
    select f.review_month, f.action_id,
        {{ money_product('l.invoice_quantity', 'l.invoice_price') }}
            - {{ money_product('l.invoice_quantity', 'l.contract_price') }} as amount,
        coalesce(l.contract_currency, i.currency) as currency
    from {{ ref('int_action_finding') }} as f
    inner join {{ ref('int_contract_line') }} as l on l.review_month = f.review_month and l.line_key = f.scope
        and l.offering_key = f.offering_key
    left join (select review_month, currency from {{ ref('int_rate') }} where is_own) as i
        on i.review_month = f.review_month
    where f.rule_id = 'ENT-03' and f.finding_scope = f.scope || ':unit_price' and l.invoice_price > l.contract_price
        and l.invoice_quantity > 0
)
select
    review_month, action_id, kind, seats,
    {{ money(['seats', 'price']) }} as amount,
    case when price is not null then currency end as currency,
    case when price is not null then price_basis else 'none' end as price_basis,
    {{ money(['seats', 'other_price']) }} as other_amount,
    case when other_price is not null then other_currency end as other_currency,
    amount_is, term_end
from priced_seat
union all
select review_month, action_id, 'save', cast(null as bigint), amount, currency,
    case when amount is not null then price_basis else 'none' end, cast(null as {{ money_type() }}),
    cast(null as string), 'a year', cast(null as date)
from alternative
union all
select review_month, action_id, 'risk', cast(null as bigint), amount, currency, price_basis,
    cast(null as {{ money_type() }}), cast(null as string), 'until the date', term_end
from pool
union all
select review_month, action_id, 'save', cast(null as bigint), amount, currency, 'contract',
    cast(null as {{ money_type() }}), cast(null as string), 'once', cast(null as date)
from overcharged
