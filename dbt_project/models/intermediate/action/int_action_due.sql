-- Grain: (review_month, action): by when it is to be done and why, and who is to do it. Owed now: with the review of
-- the month. Saved: as long as the seats are paid for. A manager is asked about persons, the owner of the contract
-- about seats and contracts, an administrator of the team (another than the person it is about) about the rest. Whom no
-- team is named for is asked for in a team where the person has a seat or was seen.
with person_team as (
    select review_month, person_key, min(team_alias) as team_alias from {{ ref('int_seat') }}
    group by review_month, person_key
),
seen_team as (
    select review_month, person_key, min(team_alias) as team_alias from {{ ref('int_lrt_team') }}
    group by review_month, person_key
),
contract_team as (
    select review_month, contract_number, min(team_alias) as team_alias from {{ ref('int_subscription') }}
    where contract_number is not null
    group by review_month, contract_number
),
dated as (
    select
        s.*, coalesce(p.kind, case when s.subject_type = 'seat' then 'govern' else s.kind end) as money_kind,
        coalesce(p.term_end, case when s.subject_type = 'seat' then l.term_end end) as term_end,
        coalesce(s.team_alias, h.team_alias, e.team_alias, u.team_alias) as asked_team,
        l.contract_number, l.owner_email, l.ends_with_contract, f.cliff_on, x.exhaustion_date,
        {{ add_days(add_months('m.month_start', 1), 9) }} as month_due,
        {{ add_days(add_months('m.month_start', "3 - (cast(substr(m.drop_month, 6) as integer) - 1) % 3"), 14)
            }} as quarter_due,
        s.subject_type in ('group', 'sync', 'administrators', 'administrator', 'leavers') as is_quarterly
    from {{ ref('int_action_subject') }} as s
    inner join {{ ref('int_month') }} as m on m.review_month = s.review_month
    left join {{ ref('int_action_price') }} as p on p.review_month = s.review_month and p.action_id = s.action_id
    left join {{ ref('int_action_position') }} as l on l.review_month = s.review_month and l.team_alias = s.team_alias
        and l.offering_key = s.offering_key
    left join person_team as h on h.review_month = s.review_month and h.person_key = s.person_key
    left join seen_team as e on e.review_month = s.review_month and e.person_key = s.person_key
    left join contract_team as u on s.subject_type in ('true_up', 'contract') and u.review_month = s.review_month
        and u.contract_number = s.scope
    left join (
        select review_month, action_id, min(cast(finding_scope as date)) as cliff_on
        from {{ ref('int_action_finding') }} where subject_type = 'cliff' group by review_month, action_id
    ) as f on f.review_month = s.review_month and f.action_id = s.action_id
    left join {{ ref('int_pool_stated') }} as x on s.subject_type = 'pool' and x.review_month = s.review_month
        and x.team_alias = s.team_alias
),
asked as (
    select
        d.*, g.manager_key, coalesce(c.owner_email, d.owner_email) as owner_key,
        case when a.person_key = d.person_key then b.person_key else a.person_key end as administrator_key,
        d.subject_type in ('seat', 'right', 'version', 'claim', 'devices', 'territory', 'to_seat', 'to_collection',
            'account', 'charge') as is_about_person,
        d.subject_type in ('position', 'stock', 'cliff', 'true_up', 'contract') as is_about_contract
    from dated as d
    left join {{ ref('int_manager') }} as g on g.review_month = d.review_month and g.person_key = d.person_key
    left join {{ source('reference', 'contracts') }} as c on c.review_month = d.review_month
        and c.contract_number = d.scope and d.subject_type in ('true_up', 'contract')
    left join {{ ref('int_team_administrator') }} as a on a.review_month = d.review_month
        and a.team_alias = d.asked_team and a.place = 1
    left join {{ ref('int_team_administrator') }} as b on b.review_month = d.review_month
        and b.team_alias = d.asked_team and b.place = 2
)
select
    a.review_month, a.action_id,
    case when a.subject_type in ('true_up', 'contract') then a.scope else a.contract_number end as contract_number,
    a.term_end,
    case
        when a.subject_type = 'cliff' then a.cliff_on
        when a.exhaustion_date is not null then a.exhaustion_date
        when a.money_kind = 'save' and a.subject_type <> 'contract' then a.term_end
        when a.is_quarterly then a.quarter_due
        else a.month_due
    end as due_on,
    case
        when a.subject_type = 'cliff' then 'subscriptions end the day before'
        when a.exhaustion_date is not null then 'the tokens end at the present speed'
        when a.money_kind = 'save' and a.subject_type <> 'contract' and a.term_end is null then 'no day is set'
        when a.money_kind = 'save' and a.subject_type <> 'contract' and a.ends_with_contract
            then 'contract ' || a.contract_number || ' renews'
        when a.money_kind = 'save' and a.subject_type <> 'contract' then 'the first subscription ends'
        when a.money_kind = 'owe' then 'owed now: with the review of the month'
        when a.is_quarterly then 'with the review of the quarter'
        else 'with the review of the month'
    end as due_because,
    case
        when a.is_about_person and a.manager_key is not null then a.manager_key
        when a.is_about_contract and a.owner_key is not null then a.owner_key
        else a.administrator_key
    end as responsible,
    case
        when a.is_about_person and a.manager_key is not null then 'manager'
        when a.is_about_contract and a.owner_key is not null then 'contract owner'
        when a.administrator_key is not null then 'team administrator'
    end as responsible_as
from asked as a
