-- Grain: (review_month, finding, action): which findings ask for which action, and what was decided on them. Findings
-- that only inform (severity info) ask for nothing, but for USE-10, which says to whom a freed seat goes. USE-08 asks
-- for the seats beyond the one that stays: the latest use, then the first team by name.
with leaving_seat as (
    select review_month, team_alias, offering_key, person_key
    from {{ ref('int_assignment') }}
    qualify row_number() over (partition by review_month, offering_key, person_key
        order by last_use desc nulls last, team_alias) > 1
),
asked as (
    select f.review_month, f.finding_id, f.rule_id, coalesce(s.team_alias, f.team_alias) as team_alias, f.offering_key,
        f.person_key, f.scope, f.severity, f.confidence, f.exposure_amount, f.currency, f.price_basis, f.observed,
        f.excess, f.receiver_person_key, f.recommended_action,
        coalesce(r.subject_type, 'other') as subject_type, coalesce(r.kind, 'govern') as kind,
        coalesce(r.parts, 'TOPS') as parts
    from {{ ref('int_finding') }} as f
    left join ({{ action_rules() }}) as r on r.rule_id = f.rule_id
    left join leaving_seat as s on f.rule_id = 'USE-08' and s.review_month = f.review_month
        and s.offering_key = f.offering_key and s.person_key = f.person_key
    where (f.severity <> 'info' or f.rule_id = 'USE-10') and (f.rule_id <> 'USE-08' or s.team_alias is not null)
),
named as (
    select a.* {{ all_but('team_alias, offering_key, person_key, scope, parts') }},
        case when instr(a.parts, 'T') > 0 then a.team_alias end as team_alias,
        case when instr(a.parts, 'O') > 0 then a.offering_key end as offering_key,
        case when instr(a.parts, 'P') > 0 then a.person_key end as person_key,
        case
            when instr(a.parts, 'S') > 0 then a.scope
            -- `contract:type` of ENT-03, the contract of ENT-07.
            when a.rule_id = 'ENT-03' then substr(a.scope, 1, length(a.scope) - instr(reverse(a.scope), ':'))
            when instr(a.parts, 'C') > 0 then a.scope
        end as scope,
        a.scope as finding_scope
    from asked as a
)
select
    n.*,
    substr({{ sha256_hex("n.subject_type || '|' || coalesce(n.team_alias, '') || '|' || coalesce(n.offering_key, '')
        || '|' || coalesce(n.person_key, '') || '|' || coalesce(n.scope, '')") }}, 1, 16) as action_id,
    d.action_state, d.decision, d.decided_at, d.decided_by, d.valid_until, d.reason
from named as n
left join {{ ref('int_disposition') }} as d on d.review_month = n.review_month and d.finding_id = n.finding_id
