-- Grain: (review_month, contract, offering): what to ask for at renewal, for contracts whose brief is due this month.
-- Recommended seats: base = peak_active_12m, low = active_90d or base where that is less, high =
-- after_remediation_count or base where that is more, so that low <= base <= high.
with due as (
    select * from {{ ref('int_due_contract') }} where activity = 'renewal_brief'
),
line as (
    select d.review_month, d.contract_number, l.offering_key, {{ as_count('l.portal_quantity') }} as seats_portal,
        {{ as_count('l.contract_quantity') }} as seats_contract,
        {{ as_count('l.invoice_quantity') }} as seats_invoiced, l.contract_price as unit_price,
            l.contract_currency as currency
    from due as d
    inner join {{ ref('int_contract_line') }} as l on l.review_month = d.review_month and l.line_key = d.contract_number
),
mismatch as (
    select d.review_month, d.contract_number, f.offering_key,
        {{ distinct_text("substr(f.scope, length(d.contract_number) + 2)") }} as mismatch_types
    from due as d
    inner join {{ ref('findings') }} as f
        on f.review_month = d.review_month and f.rule_id = 'ENT-03' and starts_with(f.scope, d.contract_number || ':')
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
        count(*) filter (where a.active_90d) as active_90d,
        max(a.price) as price, max(a.currency) as currency
    from team_of as t
    inner join {{ ref('int_assignment') }} as a on a.review_month = t.review_month and a.team_alias = t.team_alias
        and a.offering_key = t.offering_key
    group by t.review_month, t.contract_number, t.offering_key
),
monthly as (
    select t.review_month, t.contract_number, t.offering_key, {{ month_text('u.period') }} as use_month,
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
after as (
    select t.review_month, t.contract_number, t.offering_key, sum(n.after_remediation_count) as seats
    from team_of as t
    inner join {{ ref('int_auditor_count') }} as n on n.review_month = t.review_month and n.team_alias = t.team_alias
        and n.offering_key = t.offering_key
    group by t.review_month, t.contract_number, t.offering_key
),
-- By the optimiser, summed over the teams of the contract; a line that it gives up has 0 seats. The range is that of
-- its scenarios.
optimised as (
    select review_month, contract_number, offering_key, min(seats) as low,
        max(case when scenario = 'base' then seats end) as base, max(seats) as high
    from (
        select r.review_month, r.contract_number, r.offering_key, x.scenario,
            cast(sum(coalesce(n.seats, 0)) as bigint) as seats
        from {{ ref('int_renewal_pair') }} as r
        inner join {{ ref('int_renewal_scenario') }} as x on x.review_month = r.review_month
        left join {{ ref('int_renewal_plan') }} as n
            on n.review_month = r.review_month and n.contract_number = r.contract_number and n.team_alias = r.team_alias
            and n.offering_key = r.offering_key and n.scenario = x.scenario
        group by r.review_month, r.contract_number, r.offering_key, x.scenario
    )
    group by review_month, contract_number, offering_key
),
given as (
    {{ given_inputs() }}
),
joined as (
    select
        p.review_month, p.contract_number, p.offering_key, d.due_on as decide_by, z.low as optimised_low,
            z.base as optimised_base, z.high as optimised_high,
        p.seats_contract, p.seats_portal, p.seats_invoiced, x.mismatch_types,
        -- Without assignments, or where use is stale or a part, nobody is known to hold or to use a seat: null, never
        -- 0.
        case when g.has_a then coalesce(a.assigned, 0) end as assigned,
        case when g.has_a and {{ use_is_known('c') }} then coalesce(a.active_90d, 0) end as active_90d,
        case when g.has_a and {{ use_is_known('c') }} then coalesce(k.peak, 0) end as peak_active_12m,
            f.seats as after_seats,
        coalesce(p.unit_price, a.price, q.price) as unit_price, coalesce(p.currency, a.currency, q.currency) as currency
    from line as p
    inner join due as d on d.review_month = p.review_month and d.contract_number = p.contract_number
    inner join {{ ref('int_clock') }} as c on c.review_month = p.review_month
    inner join given as g on g.review_month = p.review_month
    left join mismatch as x on x.review_month = p.review_month and x.contract_number = p.contract_number
        and x.offering_key = p.offering_key
    left join active as a on a.review_month = p.review_month and a.contract_number = p.contract_number
        and a.offering_key = p.offering_key
    left join peak as k on k.review_month = p.review_month and k.contract_number = p.contract_number
        and k.offering_key = p.offering_key
    left join after as f on f.review_month = p.review_month and f.contract_number = p.contract_number
        and f.offering_key = p.offering_key
    left join optimised as z on z.review_month = p.review_month and z.contract_number = p.contract_number
        and z.offering_key = p.offering_key
    left join {{ ref('int_offering_price') }} as q on q.review_month = p.review_month
        and q.offering_key = p.offering_key
)
select
    j.review_month, j.contract_number, j.offering_key, j.seats_contract, j.seats_portal, j.seats_invoiced,
    j.mismatch_types,
    j.assigned, j.active_90d, j.peak_active_12m,
    -- least() and greatest() skip null: what is not known is not the other.
    case when j.active_90d is not null and j.peak_active_12m is not null
        then least(j.active_90d, j.peak_active_12m) end as recommended_seats_low,
    j.peak_active_12m as recommended_seats_base,
    cast(case when j.after_seats is not null and j.peak_active_12m is not null
        then greatest(j.after_seats, j.peak_active_12m) end as bigint) as recommended_seats_high,
    j.optimised_low, j.optimised_base, j.optimised_high,
    {{ money('j.unit_price') }} as unit_price,
    {{ money(['coalesce(j.seats_portal, j.seats_contract)', 'j.unit_price']) }} as spend_now,
    {{ money(['j.peak_active_12m', 'j.unit_price']) }} as spend_proposed,
    {{ money(['coalesce(j.seats_portal, j.seats_contract)', 'j.unit_price']) }} - {{ money(['j.peak_active_12m',
        'j.unit_price']) }} as saving,
    case when j.unit_price is not null then j.currency end as currency,
    (select count(distinct f.person_key) from {{ ref('findings') }} as f
        where f.review_month = j.review_month and f.rule_id = 'USE-03'
        and f.offering_key = j.offering_key) as flex_alternative,
    concat_ws(' ',
        case when coalesce(j.seats_portal, j.seats_contract) > j.peak_active_12m then (coalesce(j.seats_portal,
            j.seats_contract) - j.peak_active_12m) || ' seats were never needed at once in the last twelve months.' end,
        case when j.assigned > j.active_90d then (j.assigned - j.active_90d)
            || ' assigned persons were not active in the last 90 days.' end) as levers,
    j.decide_by
from joined as j
