-- Grain: (review_month, action): what is to be done, by what the month shows, and what it is worth. Has no history;
-- that is in `actions`. A seat that is no longer assigned, and one that stays because its collection goes, asks for
-- nothing.
with named as (
    select
        s.*, t.removal, t.to_single,
        coalesce(p.kind, case when s.subject_type = 'seat' then 'govern' else s.kind end) as final_kind,
        p.seats, p.amount, p.currency,
        coalesce(p.price_basis, 'none') as price_basis, p.other_amount, p.other_currency,
        case when p.amount is not null then p.amount_is end as amount_is,
        l.by_seats, l.to_move, l.to_buy, d.contract_number, d.term_end, d.due_on, d.due_because, d.responsible,
        d.responsible_as,
        coalesce(e.display_name, s.person_key, 'somebody') as person,
        coalesce(o.name, {{ readable_name("replace(s.offering_key, 'unmapped:', '')") }}) as offering,
        coalesce(r.display_name, s.receiver_person_key) as receiver
    from {{ ref('int_action_subject') }} as s
    inner join {{ ref('int_action_due') }} as d on d.review_month = s.review_month and d.action_id = s.action_id
    left join {{ ref('int_action_price') }} as p on p.review_month = s.review_month and p.action_id = s.action_id
    left join {{ ref('int_action_seat') }} as t on t.review_month = s.review_month and t.action_id = s.action_id
    left join {{ ref('int_action_position') }} as l on l.review_month = s.review_month and l.team_alias = s.team_alias
        and l.offering_key = s.offering_key
    left join {{ ref('int_person') }} as e on e.review_month = s.review_month and e.person_key = s.person_key
    left join {{ ref('int_person') }} as r on r.review_month = s.review_month and r.person_key = s.receiver_person_key
    left join {{ source('reference', 'offerings') }} as o on o.review_month = s.review_month
        and o.offering_key = s.offering_key
    where s.subject_type <> 'seat' or (t.action_id is not null and not t.is_kept)
),
own as (
    select review_month, currency from {{ ref('int_rate') }} where is_own
)
select
    n.review_month, n.action_id, n.subject_type, n.final_kind as kind,
    case n.subject_type
        when 'seat' then case
            when n.removal = 'edit_group' then 'Take ' || n.person || ' out of the group that gives the seat of '
                || n.offering || ' in team ' || n.team_alias
            when n.removal = 'unassign' then 'Take the seat of ' || n.offering || ' in team ' || n.team_alias
                || ' away from ' || n.person
            when n.removal = 'hold' then 'Keep the seat of ' || n.offering || ' in team ' || n.team_alias || ' for '
                || n.person || ', who is on leave'
            when n.removal = 'review' then 'Find out who uses the seat of ' || n.offering || ' in team '
                || n.team_alias || ' under the name ' || n.person
            when n.to_single then 'Give ' || n.person || ' the one product that is used, in the place of '
                || n.offering || ' in team ' || n.team_alias
            when instr(n.rule_ids, 'USE-03') > 0 then 'Let ' || n.person || ' use tokens in the place of the seat of '
                || n.offering || ' in team ' || n.team_alias
            when instr(n.rule_ids, 'IDN-09') > 0 then 'Register the domain of ' || n.person
                || ', or take the seat of ' || n.offering || ' in team ' || n.team_alias || ' away'
            else 'Keep one of the ways by which ' || n.person || ' gets the seat of ' || n.offering || ' in team '
                || n.team_alias
            end || case when n.receiver is not null and n.removal in ('edit_group', 'unassign')
                then ', and give it to ' || n.receiver else '' end
        when 'position' then case
            when n.seats = 0 then 'Take the seats of ' || n.offering || ' in team ' || n.team_alias
                || ' away that are named in rows of their own: that cures the over-assignment'
            else 'Cure ' || {{ counted('n.seats', 'seat') }} || ' of ' || n.offering
                || ' beyond what team ' || n.team_alias || ' is entitled to'
                || case when n.to_move > 0 then ': move ' || n.to_move || ' from other teams' else '' end
                || case when n.to_buy > 0 then case when n.to_move > 0 then ', ' else ': ' end
                    || 'take away or buy ' || n.to_buy else '' end end
        when 'stock' then 'Renew ' || {{ counted('n.seats', 'seat') }} || ' of ' || n.offering
            || ' fewer in team ' || n.team_alias
        when 'cliff' then 'Renew or replace ' || {{ counted('n.seats', 'seat') }} || ' of ' || n.offering
            || ' in team ' || n.team_alias || ' that end'
        when 'true_up' then 'Settle the true-up of ' || n.offering || ' under contract ' || n.scope
        when 'contract' then 'Clear up ' || n.offering || ' under contract ' || n.scope
            || case when n.amount is not null then ', and have the difference in price credited' else '' end
        when 'to_seat' then 'Give ' || n.person || ' a seat of ' || n.offering || ' in the place of tokens'
        when 'to_collection' then 'Give ' || n.person || ' the collection ' || n.offering
            || ' in the place of its members'
        when 'pool' then 'Buy tokens for team ' || n.team_alias
        when 'pack' then 'Use or move the tokens of pack ' || n.scope || ' of team ' || n.team_alias
            || ' before they expire'
        when 'balance' then 'Ask the vendor about the token balance of team ' || n.team_alias
        when 'rate' then 'Ask the vendor about charges off the rate of team ' || n.team_alias
        when 'charge' then 'Ask the vendor why tokens were charged to ' || n.person || ' for ' || n.offering
            || ' in spite of a seat'
        when 'burst' then 'Find out what took the tokens of team ' || n.team_alias
        when 'ai_tokens' then 'Decide on the use of AI features in team ' || n.team_alias
        when 'right' then 'Give ' || n.person || ' a right to ' || n.offering || ', or stop the use'
        when 'version' then case when n.kind = 'risk' then 'Remove versions of ' || n.offering
            || ' beyond the right from the devices of ' else 'Upgrade ' || n.offering || ' of ' end || n.person
        when 'claim' then 'Replace the trial or education licence of ' || n.offering || ' of ' || n.person
        when 'devices' then 'Find out on which devices ' || n.person || ' works'
        when 'territory' then 'Find out whether ' || n.person || ' may work outside the territory of the contract'
        when 'telemetry' then 'Compare telemetry and SAM tool on ' || n.offering
        when 'installs' then 'Uninstall ' || n.offering || ' where it has no licence, or buy licences'
        when 'network' then 'Free or buy network licences of ' || coalesce(n.offering, n.scope)
        when 'name' then 'Say what the name ' || n.offering || ' means'
        when 'coverage' then 'Say whether ' || {{ readable_name('n.scope') }} || ' contains ' || n.offering
        when 'access' then 'Find out why the portal counts the seats of ' || n.offering || ' in team ' || n.team_alias
            || ' differently from the files'
        when 'hub_member' then 'Remove ' || n.person || ' from the hub ' || n.scope
        when 'hub' then 'Set the number of administrators of the hub ' || n.scope || ' right'
        when 'invitation' then 'Withdraw or repeat the invitation of ' || n.person || ' to the hub ' || n.scope
        when 'account' then 'Close the account of ' || n.person || ', who left and still used it'
        when 'leavers' then 'Take seats away sooner when people leave ' || n.scope
        when 'group' then 'Narrow the group ' || n.scope || ' of team ' || n.team_alias
        when 'sync' then 'Repair the directory sync of team ' || n.team_alias
        when 'administrators' then 'Set the number of administrators of team ' || n.team_alias || ' right'
        when 'administrator' then 'Settle the administrator role of ' || n.person
            || coalesce(' in team ' || n.team_alias, '')
        when 'review' then 'Sign off the review ' || {{ readable_name('n.scope') }}
        else concat_ws(' ', {{ readable_name('n.recommended_action') }}, n.offering,
            case when n.person_key is not null then n.person end, n.team_alias, n.scope)
    end as what,
    n.team_alias, n.offering_key, n.person_key,
    n.contract_number,
    case when n.subject_type = 'group' then n.scope end as group_name,
    n.scope, n.seats,
    case when n.subject_type = 'position' then n.to_move end as seats_to_move,
    case when n.subject_type = 'position' then n.to_buy end as seats_to_buy,
    n.amount, n.currency, case when n.amount is not null then n.price_basis else 'none' end as price_basis,
    n.other_amount, n.other_currency, n.amount_is,
    case when o.currency is null or o.currency = n.currency then n.amount
        else {{ money_ratio('n.amount', 'x.per_unit', '1') }} end as amount_org,
    case when n.amount is not null then coalesce(o.currency, n.currency) end as currency_org,
    n.due_on, n.due_because, n.term_end, n.responsible, n.responsible_as, n.finding_ids, n.rule_ids, n.severity,
    n.confidence, n.state, n.decision, n.decided_by, n.decided_on, n.valid_until, n.reason
from named as n
left join own as o using (review_month)
left join {{ ref('int_rate') }} as x on x.review_month = n.review_month and x.currency = n.currency
