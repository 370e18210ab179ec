-- Grain: (review_month, action): one row per thing to do, however many findings say so, with its history; and those
-- that the month no longer shows. An action that is gone is `done` or `lapsed` in the first month that could see it:
-- none of its findings is there or unverified then. Done is what really changed (the seat is no longer assigned, the
-- entitlement fell, the seat or collection was given); where only the reason is gone (the seat is used again), it has
-- lapsed. What is gone and cannot be verified stands as it was last seen. place: what is owed or falls due first by
-- date and amount, then savings by amount and date, then the rest by severity, then what needs nothing any more.
-- History is that of the months as they stand; an earlier version of a month stands on the same months before it.
with month as (
    select review_month, drop_month, as_of from {{ ref('int_month') }}
),
past as (
    select * from {{ ref('int_action') }} where not {{ is_variant('review_month') }}
    {% if is_incremental() %}
    union all
    select
        h.review_month, h.action_id, h.subject_type, h.kind, h.what, h.team_alias, h.offering_key, h.person_key,
        h.contract_number, h.group_name, h.scope, h.seats, h.seats_to_move, h.seats_to_buy, h.amount, h.currency,
        h.price_basis, h.other_amount, h.other_currency, h.amount_is, h.amount_org, h.currency_org, h.due_on,
        h.due_because, h.term_end, h.responsible, h.responsible_as, h.finding_ids, h.rule_ids, h.severity, h.confidence,
        h.state, h.decision, h.decided_by, h.decided_on, h.until as valid_until,
        h.reason_for_decision as reason
    from {{ this }} as h
    where h.last_seen_month = h.review_month and {{ is_history('h') }}
    {% endif %}
),
before as (
    select m.review_month, m.drop_month, p.action_id, min(p.review_month) as first_seen,
        max(p.review_month) as last_seen
    from month as m
    inner join past as p on p.review_month < m.drop_month
    group by m.review_month, m.drop_month, p.action_id
),
gone as (
    select b.*, p.finding_ids
    from before as b
    inner join past as p on p.review_month = b.last_seen and p.action_id = b.action_id
    left join {{ ref('int_action') }} as a on a.review_month = b.review_month and a.action_id = b.action_id
    where a.action_id is null
),
-- Months since then in which a finding of it was neither there nor known to be gone.
reviewed as (
    select distinct review_month from {{ ref('rule_runs') }} where not {{ is_variant('review_month') }}
),
asked as (
    select g.review_month, g.action_id, r.review_month as asked_month,
        {{ split_rows('g.finding_ids') }} as finding_id
    from gone as g
    inner join reviewed as r on r.review_month > g.last_seen and r.review_month <= g.drop_month
),
closing as (
    select q.review_month, q.action_id, min(q.asked_month) as closed_month
    from (
        select a.review_month, a.action_id, a.asked_month, count(u.finding_id) as unverified
        from asked as a
        left join {{ ref('unverified_findings') }} as u on u.review_month = a.asked_month
            and u.finding_id = a.finding_id
        group by a.review_month, a.action_id, a.asked_month
    ) as q
    where q.unverified = 0
    group by q.review_month, q.action_id
),
kept as (
    select g.review_month, g.drop_month, g.first_seen, g.last_seen, c.closed_month,
        p.* {{ all_but('review_month') }}  -- noqa: RF02
    from gone as g
    inner join past as p on p.review_month = g.last_seen and p.action_id = g.action_id
    left join closing as c on c.review_month = g.review_month and c.action_id = g.action_id
    where c.closed_month is null or c.closed_month = g.drop_month
),
judged as (
    select k.*,
        case
            when k.closed_month is null then k.state
            when k.state = 'lapsed' then 'lapsed'
            when k.subject_type = 'seat' then case when s.person_key is null then 'done' else 'lapsed' end
            when k.subject_type = 'stock' then case
                when coalesce(o.entitled, 0) < e.entitled then 'done' else 'lapsed' end
            when k.subject_type in ('to_seat', 'to_collection') then case
                when h.person_key is not null then 'done' else 'lapsed' end
            else 'done'
        end as new_state,
        m.as_of
    from kept as k
    inner join month as m using (review_month)
    left join {{ ref('int_seat') }} as s on k.subject_type = 'seat' and s.review_month = k.review_month
        and s.team_alias = k.team_alias and s.offering_key = k.offering_key and s.person_key = k.person_key
    left join {{ ref('int_position') }} as o on k.subject_type = 'stock' and o.review_month = k.review_month
        and o.team_alias = k.team_alias and o.offering_key = k.offering_key
    left join {{ ref('licence_position') }} as e on k.subject_type = 'stock' and e.review_month = k.last_seen
        and e.team_alias = k.team_alias and e.offering_key = k.offering_key
    left join (select distinct review_month, person_key, offering_key from {{ ref('int_seat') }}) as h
        on k.subject_type in ('to_seat', 'to_collection') and h.review_month = k.review_month
        and h.person_key = k.person_key and h.offering_key = k.offering_key
),
realised as (
    select j.*,
        -- From the end of the month that no longer shows it until the seats would have been paid for, a year at most.
        case when j.new_state = 'done' and j.kind in ('save', 'owe') then case
            when j.amount_is = 'a year' and j.term_end is not null
                then {{ money_share('j.amount', "least(365, greatest(0, " ~ days_between('j.term_end', 'j.as_of')
                    ~ "))", '365') }}
            else j.amount end end as realised_amount
    from judged as j
),
every_action as (
    select
        a.*, coalesce(b.first_seen, {{ drop_month('a.review_month') }}) as first_seen_month,
        {{ drop_month('a.review_month') }} as last_seen_month, cast(null as string) as seen_done_in,
        cast(null as {{ money_type() }}) as realised_amount
    from {{ ref('int_action') }} as a
    left join before as b on b.review_month = a.review_month and b.action_id = a.action_id
    union all
    select
        r.review_month, r.action_id, r.subject_type, r.kind, r.what, r.team_alias, r.offering_key, r.person_key,
        r.contract_number, r.group_name, r.scope, r.seats, r.seats_to_move, r.seats_to_buy, r.amount, r.currency,
        r.price_basis, r.other_amount, r.other_currency, r.amount_is, r.amount_org, r.currency_org, r.due_on,
        r.due_because, r.term_end, r.responsible, r.responsible_as, r.finding_ids, r.rule_ids, r.severity, r.confidence,
        r.new_state, r.decision, r.decided_by, r.decided_on, r.valid_until, r.reason,
        r.first_seen, r.last_seen, case when r.new_state = 'done' then r.drop_month end, r.realised_amount
    from realised as r
)
select
    a.review_month, a.action_id,
    row_number() over (
        partition by a.review_month
        order by
            case when a.state not in ('proposed', 'decided', 'in_work') then 4 when a.kind in ('owe', 'risk') then 1
                when a.kind = 'save' then 2 else 3 end,
            case when a.kind in ('owe', 'risk') then a.due_on end nulls last,
            case when a.kind <> 'govern' then a.amount_org end desc nulls last,
            case when a.kind <> 'govern' then a.due_on end nulls last,
            {{ severity_place('a.severity') }},
            a.due_on nulls last, a.what nulls last, a.action_id
    ) as place,
    a.kind, a.what, a.subject_type, a.team_alias, a.offering_key, a.person_key, a.contract_number, a.group_name,
    a.scope, a.seats, a.seats_to_move, a.seats_to_buy, a.amount, a.currency, a.price_basis, a.amount_is,
    a.other_amount, a.other_currency, a.amount_org, a.currency_org, a.due_on, a.due_because, a.term_end, a.responsible,
    a.responsible_as, a.finding_ids, a.rule_ids, a.severity, a.confidence, a.state, a.decided_by, a.decided_on,
    a.decision, a.valid_until as until, a.reason as reason_for_decision, a.first_seen_month, a.last_seen_month,
    a.seen_done_in, a.realised_amount
from every_action as a
