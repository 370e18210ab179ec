-- Grain: (review_month, contract, offering): what to ask for at renewal, for contracts whose brief is due this month;
-- offerings that only the plan of the optimiser names included. One recommendation: the plan, whose base case is what
-- is proposed; spend is of seats and of the tokens that people use in their place, on both sides.
with due as (
    select * from {{ ref('int_due_contract') }} where activity = 'renewal_brief'
),
line as (
    select d.review_month, d.contract_number, l.offering_key, {{ as_count('l.portal_quantity') }} as seats_portal,
        {{ as_count('l.contract_quantity') }} as seats_contract,
        {{ as_count('l.invoice_quantity') }} as seats_invoiced, l.contract_price, l.invoice_price, l.contract_currency,
        case when l.same_currency then {{ money_product('l.invoice_quantity', 'l.invoice_price') }}
            - {{ money_product('l.invoice_quantity', 'l.contract_price') }} end as price_difference
    from due as d
    inner join {{ ref('int_contract_line') }} as l on l.review_month = d.review_month and l.line_key = d.contract_number
    union all
    select distinct n.review_month, n.contract_number, n.offering_key, cast(null as bigint), cast(null as bigint),
        cast(null as bigint), cast(null as {{ price_type() }}), cast(null as {{ price_type() }}), cast(null as string),
        cast(null as {{ money_type() }})
    from {{ ref('int_renewal_plan') }} as n
    where not exists (
        select 1 from {{ ref('int_contract_line') }} as l
        where l.review_month = n.review_month and l.line_key = n.contract_number and l.offering_key = n.offering_key)
),
mismatch as (
    select d.review_month, d.contract_number, f.offering_key,
        {{ distinct_text("substr(f.scope, length(d.contract_number) + 2)") }} as mismatch_types
    from due as d
    inner join {{ ref('findings') }} as f
        on f.review_month = d.review_month and f.rule_id = 'ENT-03'
            and left(f.scope, length(d.contract_number) + 1) = d.contract_number || ':'
    group by d.review_month, d.contract_number, f.offering_key
),
team_of as (
    select distinct d.review_month, d.contract_number, s.team_alias, s.offering_key
    from due as d
    inner join {{ ref('int_subscription') }} as s on s.review_month = d.review_month
        and s.contract_number = d.contract_number and s.in_force
),
active as (
    select t.review_month, t.contract_number, t.offering_key, count(*) as assigned,
        count(*) filter (where a.active_90d) as active_90d
    from team_of as t
    inner join {{ ref('int_assignment') }} as a using (review_month, team_alias, offering_key)
    group by t.review_month, t.contract_number, t.offering_key
),
monthly as (
    select t.review_month, t.contract_number, t.offering_key, {{ month_text('u.period') }} as use_month,
        -- Some months are two periods (macros/periods.sql).
        count(distinct a.team_alias || '|' || a.person_key) as holders
    from team_of as t
    inner join {{ ref('int_assignment') }} as a on a.review_month = t.review_month and a.team_alias = t.team_alias
        and a.offering_key = t.offering_key
    inner join {{ ref('int_use_period') }} as u on u.review_month = a.review_month and u.person_key = a.person_key
        and u.offering_key = a.offering_key
    inner join {{ ref('int_month') }} as m on m.review_month = t.review_month
    where u.period > m.window_start
    group by t.review_month, t.contract_number, t.offering_key, {{ month_text('u.period') }}
),
peak as (
    select review_month, contract_number, offering_key, max(holders) as peak
        from monthly group by review_month, contract_number, offering_key
),
over_assigned as (
    select t.review_month, t.contract_number, t.offering_key, cast(sum(p.gap_team) as bigint) as seats
    from team_of as t
    inner join {{ ref('int_position') }} as p on p.review_month = t.review_month and p.team_alias = t.team_alias
        and p.offering_key = t.offering_key and (p.ent_01 or p.ent_04)
    group by t.review_month, t.contract_number, t.offering_key
),
-- Seats of all teams of the contract; a line that the plan gives up has 0 seats in every case.
planned as (
    select r.review_month, r.contract_number, r.offering_key, x.scenario,
        cast(sum(coalesce(n.seats, 0)) as bigint) as seats,
        sum({{ money_ratio(['coalesce(n.seats, 0)', '100 + x.price_percent', 'c.price_cents'], '1', '10000') }}) as cost
    from (
        select review_month, contract_number, team_alias, offering_key from {{ ref('int_renewal_pair') }}
        union
        select review_month, contract_number, team_alias, offering_key from {{ ref('int_renewal_plan') }}
    ) as r
    inner join {{ ref('int_renewal_scenario') }} as x using (review_month)
    left join {{ ref('int_renewal_plan') }} as n
        using (review_month, contract_number, team_alias, offering_key, scenario)
    left join {{ ref('int_renewal_price') }} as c using (review_month, contract_number, offering_key)
    group by r.review_month, r.contract_number, r.offering_key, x.scenario
),
plan as (
    select review_month, contract_number, offering_key, max(case when scenario = 'low' then seats end) as low,
        max(case when scenario = 'base' then seats end) as base,
        max(case when scenario = 'high' then seats end) as high,
        max(case when scenario = 'base' then cost end) as cost
    from planned
    group by review_month, contract_number, offering_key
),
given as (
    {{ given_inputs() }}
),
joined as (
    select
        p.review_month, p.contract_number, p.offering_key, d.due_on as decide_by,
        p.seats_contract, p.seats_portal, p.seats_invoiced, coalesce(p.seats_portal, p.seats_contract) as seats_now,
        x.mismatch_types, p.contract_price, p.invoice_price, p.price_difference, o.seats as over_assigned,
        -- Without assignments, or where use is stale or a part, nobody is known to hold or to use a seat: null, never
        -- 0.
        case when g.has_a then coalesce(a.assigned, 0) end as assigned,
        case when g.has_a and {{ use_is_known('c') }} then coalesce(a.active_90d, 0) end as active_90d,
        case when g.has_a and {{ use_is_known('c') }} then coalesce(k.peak, 0) end as peak_active_12m,
        z.low, z.base, z.high, z.cost as seat_cost,
        coalesce(p.contract_price, {{ money_of_cents('y.price_cents') }}, q.price) as unit_price,
        case when p.contract_price is not null then coalesce(p.contract_currency, y.currency, q.currency)
            when y.price_cents is not null then y.currency else q.currency end as currency,
        {{ money_of_cents('coalesce(t.now_cents, 0)') }} as tokens_now,
        {{ money_of_cents('coalesce(t.proposed_cents, 0)') }} as tokens_proposed
    from line as p
    inner join due as d using (review_month, contract_number)
    inner join {{ ref('int_clock') }} as c on c.review_month = p.review_month
    inner join given as g using (review_month)
    left join mismatch as x using (review_month, contract_number, offering_key)
    left join active as a using (review_month, contract_number, offering_key)
    left join peak as k using (review_month, contract_number, offering_key)
    left join over_assigned as o using (review_month, contract_number, offering_key)
    left join plan as z using (review_month, contract_number, offering_key)
    left join {{ ref('int_renewal_price') }} as y using (review_month, contract_number, offering_key)
    left join {{ ref('int_renewal_token') }} as t using (review_month, contract_number, offering_key)
    left join {{ ref('int_offering_price') }} as q using (review_month, offering_key)
),
costed as (
    select j.*,
        -- Nothing is spent on an offering that the contract does not have yet; tokens count where there is a plan.
        {{ money(['case when j.seats_now is null and j.seats_invoiced is null then 0 else j.seats_now end',
            'j.unit_price']) }} + case when j.base is null then 0 else j.tokens_now end as spend_now,
        j.seat_cost + j.tokens_proposed as spend_proposed
    from joined as j
)
select
    c.review_month, c.contract_number, c.offering_key, c.seats_contract, c.seats_portal, c.seats_invoiced,
    c.mismatch_types, c.contract_price, c.invoice_price, {{ money('c.price_difference') }} as price_difference,
    c.over_assigned, c.assigned, c.active_90d, c.peak_active_12m,
    c.low as recommended_seats_low, c.base as recommended_seats_base, c.high as recommended_seats_high,
    {{ money('c.unit_price') }} as unit_price,
    case when c.base is not null then c.tokens_now end as tokens_now,
    case when c.base is not null then c.tokens_proposed end as tokens_proposed,
    c.spend_now, c.spend_proposed, c.spend_now - c.spend_proposed as saving,
    case when c.unit_price is not null then c.currency end as currency,
    (select count(distinct f.person_key) from {{ ref('findings') }} as f
        where f.review_month = c.review_month and f.rule_id = 'USE-03'
        and f.offering_key = c.offering_key) as flex_alternative,
    concat_ws(' ',
        case when c.seats_now > c.base then 'The plan needs ' || {{ counted('c.seats_now - c.base', 'seat') }}
            || ' fewer than are paid for.' end,
        case when c.tokens_proposed > c.tokens_now then 'Tokens take the place of seats for people with few days.' end,
        case when c.seats_now > c.peak_active_12m then 'At most ' || c.peak_active_12m
            || ' people were active in one month of the last twelve.' end,
        case when c.assigned > c.active_90d then (c.assigned - c.active_90d)
            || ' assigned persons were not active in the last 90 days.' end,
        case when c.over_assigned is not null then {{ counted('c.over_assigned', 'seat') }}
            || ' are assigned beyond the entitlement: cure that before the vendor names it.' end,
        case when c.price_difference > 0 then 'Invoiced above the agreed price: have the difference credited.' end
    ) as levers,
    c.decide_by
from costed as c
