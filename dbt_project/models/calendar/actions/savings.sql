-- Grain: (review_month, action): every action that was of kind save or owe in this or an earlier month, with what
-- became of its money. proposed_amount, the amount as it was last shown, is exactly what was realised, is pending, was
-- refused and has lapsed. Of what is done, the part of a year after the end of the term has lapsed; so has what is no
-- longer a matter of money.
with known as (
    select m.review_month, a.* {{ all_but('review_month') }}, a.review_month as known_in,  -- noqa: RF02
        max(case when a.kind in ('save', 'owe') then a.review_month end) over (
            partition by m.review_month, a.action_id) as last_money_month,
        row_number() over (partition by m.review_month, a.action_id
            order by a.review_month desc) as place_in_time
    from {{ ref('int_month') }} as m
    inner join {{ ref('actions') }} as a on a.review_month = m.review_month
        or (a.review_month < m.drop_month and not {{ is_variant('a.review_month') }})
),
latest as (
    select k.*, w.kind as money_kind, w.amount as money_amount, w.currency as money_currency,
        w.price_basis as money_basis
    from known as k
    inner join known as w on w.review_month = k.review_month and w.action_id = k.action_id
        and w.known_in = k.last_money_month
    where k.place_in_time = 1
),
judged as (
    select l.*,
        case
            when l.kind not in ('save', 'owe') then 'lapsed'
            when l.state in ('done', 'refused', 'lapsed') then l.state
            else 'pending'
        end as fate
    from latest as l
)
select
    j.review_month, j.action_id, j.money_kind as kind, j.what, j.subject_type, j.team_alias, j.offering_key,
    j.person_key, j.contract_number, j.money_currency as currency, j.money_basis as price_basis,
    j.money_amount as proposed_amount, j.first_seen_month as proposed_month, j.fate as state, j.decision, j.decided_on,
    case when j.fate = 'done' then j.seen_done_in end as seen_done_in,
    case when j.fate = 'done' then j.realised_amount when j.money_amount is not null then 0 end as realised_amount,
    case when j.money_amount is not null then case when j.fate = 'pending' then j.money_amount else 0 end
        end as pending_amount,
    case when j.money_amount is not null then case when j.fate = 'refused' then j.money_amount else 0 end
        end as refused_amount,
    case when j.money_amount is not null then case when j.fate = 'lapsed' then j.money_amount
        when j.fate = 'done' then j.money_amount - j.realised_amount else 0 end end as lapsed_amount
from judged as j
