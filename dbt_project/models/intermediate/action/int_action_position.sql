-- Grain: (review_month, team, offering) of the position: how an over-assignment is cured, each seat once. First the
-- seats of the team that can be given up (by_seats), then free seats of other teams (to_move, given by the first team
-- by name), then what must be bought. spare: free seats that no other team needs; unneeded: seats given up that cure
-- nothing now. Refused over-assignments take no seats. term_end: until when the seats are paid for: the renewal of the
-- contract to come, else the earliest end of a subscription in force.
with freed as (
    select review_month, team_alias, offering_key, count(*) as seats
    from {{ ref('int_action_seat') }}
    where is_freed
    group by review_month, team_alias, offering_key
),
gap as (
    select
        p.review_month, p.team_alias, p.offering_key, p.contract_number, p.price, p.currency, p.price_basis,
        p.contract_price, p.contract_currency, p.list_price, p.list_currency,
        p.earliest_end_in_force, m.as_of,
        coalesce(f.seats, 0) as freed,
        case when p.ent_01 or p.ent_04 then greatest(0, p.gap_team) else 0 end as gap,
        coalesce(s.state in ('refused', 'lapsed'), false) as is_refused,
        greatest(0, -p.gap_team) as free
    from {{ ref('int_position') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
    left join freed as f using (review_month, team_alias, offering_key)
    left join {{ ref('int_action_subject') }} as s on s.subject_type = 'position' and s.review_month = p.review_month
        and s.team_alias = p.team_alias and s.offering_key = p.offering_key
),
covered as (
    select g.*, case when g.is_refused then 0 else least(g.gap, g.freed) end as by_seats from gap as g
),
needed as (
    select c.*, c.gap - c.by_seats as left_over, case when c.is_refused then 0 else c.gap - c.by_seats end as need
    from covered as c
),
summed as (
    select n.*,
        -- Of the teams before this one, by name: what they and this one have, less its own.
        sum(n.need) over (partition by n.review_month, n.offering_key order by n.team_alias) - n.need as need_before,
        sum(n.free) over (partition by n.review_month, n.offering_key order by n.team_alias) - n.free as free_before,
        sum(n.need) over (partition by n.review_month, n.offering_key) as need_all,
        sum(n.free) over (partition by n.review_month, n.offering_key) as free_all
    from needed as n
),
shared as (
    select s.*,
        least(s.need, greatest(0, s.free_all - s.need_before)) as to_move,
        least(s.free, greatest(0, least(s.free_all, s.need_all) - s.free_before)) as given
    from summed as s
)
select
    s.review_month, s.team_alias, s.offering_key, s.contract_number, s.price, s.currency, s.price_basis,
    -- The other basis beside the one taken, where there are both.
    case when s.price_basis = 'contract' then s.list_price end as other_price,
    case when s.price_basis = 'contract' and s.list_price is not null then s.list_currency end as other_currency,
    s.is_refused,
    cast(s.gap as bigint) as gap, cast(s.by_seats as bigint) as by_seats, cast(s.left_over as bigint) as left_over,
    cast(s.to_move as bigint) as to_move, cast(s.need - s.to_move as bigint) as to_buy,
    cast(s.free - s.given as bigint) as spare, cast(s.freed - s.by_seats as bigint) as unneeded,
    case when c.renewal_date > s.as_of then c.renewal_date else s.earliest_end_in_force end as term_end,
    coalesce(c.renewal_date > s.as_of, false) as ends_with_contract,
    c.owner_email
from shared as s
left join {{ source('reference', 'contracts') }} as c using (review_month, contract_number)
