-- Grain: (review_month, action): the findings that ask for it, together, and the state that decisions give it. The
-- latest decision on any of them decides; a refusal does not reach over a finding that is worse than all that were
-- decided (who keeps the seat of somebody on leave has not kept that of a leaver).
with together as (
    select
        f.review_month, f.action_id, f.subject_type, f.team_alias, f.offering_key, f.person_key, f.scope,
        {{ distinct_text('f.finding_id') }} as finding_ids,
        {{ distinct_text('f.rule_id') }} as rule_ids,
        {{ distinct_text("case when f.rule_id in " ~ seat_rules() ~ " then f.rule_id end") }} as list_rule_ids,
        min({{ severity_place('f.severity') }}) as severity_place,
        min(case when f.decision is not null then {{ severity_place('f.severity') }} end) as decided_severity_place,
        min(case f.confidence when 'low' then 1 when 'medium' then 2 else 3 end) as confidence_place,
        min(case f.kind when 'owe' then 1 when 'risk' then 2 when 'save' then 3 else 4 end) as kind_place,
        min(f.receiver_person_key) as receiver_person_key,
        min(f.recommended_action) as recommended_action
    from {{ ref('int_action_finding') }} as f
    group by f.review_month, f.action_id, f.subject_type, f.team_alias, f.offering_key, f.person_key, f.scope
),
latest as (
    select review_month, action_id, action_state, decision, decided_at, decided_by, valid_until, reason
    from {{ ref('int_action_finding') }}
    where action_state is not null
    qualify row_number() over (partition by review_month, action_id order by decided_at desc, finding_id) = 1
),
judged as (
    select t.*, l.action_state, l.decision, l.decided_at, l.decided_by, l.valid_until, l.reason,
        l.action_state in ('refused', 'lapsed') and t.severity_place < t.decided_severity_place as is_overtaken
    from together as t
    left join latest as l on l.review_month = t.review_month and l.action_id = t.action_id
)
select
    j.review_month, j.action_id, j.subject_type, j.team_alias, j.offering_key, j.person_key, j.scope, j.finding_ids,
    j.rule_ids, nullif(j.list_rule_ids, '') as list_rule_ids, j.receiver_person_key, j.recommended_action,
    case j.severity_place when 1 then 'critical' when 2 then 'high' when 3 then 'medium' when 4 then 'low'
        else 'info' end as severity,
    case j.confidence_place when 1 then 'low' when 2 then 'medium' else 'high' end as confidence,
    case j.kind_place when 1 then 'owe' when 2 then 'risk' when 3 then 'save' else 'govern' end as kind,
    case when coalesce(j.is_overtaken, false) then 'proposed' else coalesce(j.action_state, 'proposed') end as state,
    case when not coalesce(j.is_overtaken, false) then j.decision end as decision,
    case when not coalesce(j.is_overtaken, false) then cast(j.decided_at as date) end as decided_on,
    case when not coalesce(j.is_overtaken, false) then j.decided_by end as decided_by,
    case when not coalesce(j.is_overtaken, false) then j.valid_until end as valid_until,
    case when not coalesce(j.is_overtaken, false) then j.reason end as reason
from judged as j
