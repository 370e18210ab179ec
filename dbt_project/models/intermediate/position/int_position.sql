-- Grain: (team, offering) of A or of any subscriptions row of drop(M). assigned is null where A is missing, entitled
-- where subscriptions is:
-- what is not known is not zero.
with given as (
    {{ given_inputs() }}
),
seats as (
    select review_month, team_alias, offering_key, count(*) as assigned, {{ evidence('src') }} as evidence
        from {{ ref('int_seat') }} group by review_month, team_alias, offering_key
),
bought as (
    select
        s.review_month, s.team_alias, s.offering_key,
        coalesce({{ count_sum('case when s.in_force then s.seat_quantity end') }}, 0) as entitled,
        max(case when s.end_date < m.as_of then s.end_date end) as ended_on,
        min(case when s.in_force then s.end_date end) as earliest_end_in_force,
        bool_or(s.is_status_unknown) as has_unknown_status,
        {{ evidence('s.src') }} as evidence
    from {{ ref('int_subscription') }} as s
    inner join {{ ref('int_month') }} as m using (review_month)
    group by s.review_month, s.team_alias, s.offering_key
),
contract_of as (
    select review_month, team_alias, offering_key, contract_number
    from {{ ref('int_subscription') }}
    where in_force
    qualify row_number() over (
        partition by review_month, team_alias, offering_key order by seat_quantity desc, end_date desc,
            contract_number nulls last, src) = 1
),
pairs as (
    select review_month, team_alias, offering_key from seats
    union
    select review_month, team_alias, offering_key from bought
),
counted as (
    select
        p.review_month, p.team_alias, p.offering_key,
        case when g.has_a then coalesce(s.assigned, 0) end as assigned,
        case when g.has_subscriptions then coalesce(b.entitled, 0) end as entitled,
        b.offering_key is not null as has_subscription_row,
        b.ended_on,
        b.earliest_end_in_force,
        coalesce(b.has_unknown_status, false) as has_unknown_status,
        coalesce(b.evidence, {{ no_evidence() }}) as subscription_evidence,
        coalesce(s.evidence, {{ no_evidence() }}) as seat_evidence,
        c.contract_number
    from pairs as p
    inner join given as g using (review_month)
    left join seats as s using (review_month, team_alias, offering_key)
    left join bought as b on b.review_month = p.review_month and b.team_alias = p.team_alias
        and b.offering_key = p.offering_key
    left join contract_of as c using (review_month, team_alias, offering_key)
),
gaps as (
    select
        c.*,
        c.assigned - c.entitled as gap_team,
        sum(c.assigned) over (partition by c.review_month,
            c.offering_key) - {{ count_sum('c.entitled',
            'over (partition by c.review_month, c.offering_key)') }} as gap_org,
        {{ count_sum('c.entitled', 'over (partition by c.review_month, c.offering_key)') }} as org_entitled,
        sum(c.assigned) over (partition by c.review_month, c.offering_key) as org_assigned
    from counted as c
)
select
    g.review_month, g.team_alias, g.offering_key,
    cast(g.assigned as bigint) as assigned,
    cast(g.entitled as bigint) as entitled,
    cast(g.gap_team as bigint) as gap_team,
    cast(g.gap_org as bigint) as gap_org,
    cast(g.org_entitled as bigint) as org_entitled,
    cast(g.org_assigned as bigint) as org_assigned,
    g.has_subscription_row, g.ended_on, g.earliest_end_in_force, g.has_unknown_status, g.subscription_evidence,
        g.seat_evidence, g.contract_number,
    coalesce(n.amount, c.amount, l.amount) as price,
    case when n.amount is not null then n.currency when c.amount is not null then c.currency
        else l.currency end as currency,
    case when n.amount is not null or c.amount is not null then 'contract' when l.amount is not null then 'list'
        else 'none' end as price_basis,
    coalesce(n.amount, c.amount) as contract_price,
    case when n.amount is not null then n.currency else c.currency end as contract_currency,
    l.amount as list_price,
    l.currency as list_currency,
    -- ENT-04: assigned, nothing in force, and a subscription that ended; ENT-01: a gap where ENT-04 does not hold.
    -- Neither where the rest of the subscriptions may cover it.
    coalesce(g.assigned > 0 and g.entitled = 0 and g.ended_on is not null, false)
        and {{ concluded('ENT-04', 'g') }} as ent_04,
    coalesce(g.gap_team > 0, false) and not coalesce(g.assigned > 0 and g.entitled = 0 and g.ended_on is not null,
        false)
        and {{ concluded('ENT-01', 'g') }} as ent_01
from gaps as g
left join {{ ref('int_price') }} as n
    on n.review_month = g.review_month and n.offering_key = g.offering_key and n.basis = 'contract'
        and n.contract_number = g.contract_number and n.contract_number <> ''
left join {{ ref('int_price') }} as c on c.review_month = g.review_month and c.offering_key = g.offering_key
    and c.basis = 'contract' and c.contract_number = ''
left join {{ ref('int_price') }} as l on l.review_month = g.review_month and l.offering_key = g.offering_key
    and l.basis = 'list' and l.contract_number = ''
