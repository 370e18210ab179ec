-- Grain: (review_month, contract, team, offering): the four steps of the pre-audit self-assessment for contracts whose
-- report is due this month.
with pairs as (
    select distinct d.review_month, d.contract_number, s.team_alias, s.offering_key
    from {{ ref('int_due_contract') }} as d
    inner join {{ ref('int_subscription') }} as s on s.review_month = d.review_month
        and s.contract_number = d.contract_number and s.in_force
    where d.activity = 'audit_readiness'
),
lrt_users as (
    select review_month, team_alias, offering_key, count(*) as persons
        from {{ ref('int_lrt_team') }} group by review_month, team_alias, offering_key
),
-- A finding counts in the teams to which its rows belong: those of the offering itself (LRT-01, LRT-07), those in which
-- the person holds it (LRT-04, which may name the collection it is held through), those of the rows that show the
-- feature (LRT-03).
of_team as (
    select f.review_month, t.team_alias, f.offering_key, f.finding_id, f.rule_id, f.severity
    from {{ ref('findings') }} as f
    inner join {{ ref('int_lrt_team') }} as t using (review_month, person_key, offering_key)
    where f.rule_id in ('LRT-01', 'LRT-04', 'LRT-07')
    union
    select f.review_month, s.team_alias, f.offering_key, f.finding_id, f.rule_id, f.severity
    from {{ ref('findings') }} as f
    inner join {{ ref('int_seat') }} as s using (review_month, person_key, offering_key)
    where f.rule_id = 'LRT-04'
    union
    select f.review_month, t.team_alias, f.offering_key, f.finding_id, f.rule_id, f.severity
    from {{ ref('findings') }} as f
    inner join {{ ref('int_lrt_event') }} as l
        on l.review_month = f.review_month and l.person_key = f.person_key and l.feature = f.scope
    inner join {{ ref('int_lrt_team') }} as t on t.review_month = l.review_month and t.person_key = l.person_key
        and t.offering_key = l.offering_key
    where f.rule_id = 'LRT-03'
),
counted as (
    select review_month, team_alias, offering_key,
        count(*) filter (where rule_id = 'LRT-01') as version_findings,
        count(*) filter (where rule_id = 'LRT-03') as feature_findings,
        count(*) filter (where rule_id = 'LRT-04') as device_findings,
        count(*) filter (where severity = 'critical') as critical_lrt,
        {{ distinct_text("case when rule_id <> 'LRT-07' then finding_id end") }} as finding_ids
    from of_team
    group by review_month, team_alias, offering_key
),
-- LRT-05 names a person and no offering: it counts where the person is in the auditor's count.
two_devices as (
    select p.review_month, p.team_alias, p.offering_key, count(*) as persons,
        {{ distinct_text('f.finding_id') }} as finding_ids
    from {{ ref('findings') }} as f
    inner join {{ ref('int_auditor_person') }} as p on p.review_month = f.review_month and p.person_key = f.person_key
    where f.rule_id = 'LRT-05'
    group by p.review_month, p.team_alias, p.offering_key
),
ai as (
    select l.review_month, t.team_alias, f.required_offering_key as offering_key,
        {{ distinct_text('l.feature') }} as features
    from {{ ref('int_lrt_event') }} as l
    inner join {{ ref('int_lrt_team') }} as t using (review_month, person_key, offering_key)
    inner join {{ source('reference', 'feature_requirements') }} as f
        on f.review_month = l.review_month and f.feature = l.feature and f.kind = 'ai' and f.valid_from <= l.day
            and l.day <= f.valid_to
    group by l.review_month, t.team_alias, f.required_offering_key
),
given as (
    select review_month,
        bool_or(input in ('usage_report', 'users') and in_drop) and bool_or(input = 'lrt' and in_any_drop) as has_all,
        bool_or(input = 'lrt' and in_any_drop) as has_lrt
    from {{ ref('int_input_present') }}
    group by review_month
),
ran as (
    select review_month, {{ distinct_text('rule_id') }} as could_run from {{ ref('int_assessability') }}
        where assessability <> 'not_assessable' group by review_month
)
select
    p.review_month, p.contract_number, p.team_alias, p.offering_key,
    o.entitled, o.assigned,
    case when g.has_lrt then coalesce(u.persons, 0) end as lrt_users_12m,
    case when o.gap_team is not null then greatest(0, o.gap_team) end as over_deployment,
    case when instr(q.could_run, 'LRT-01') > 0 then coalesce(c.version_findings, 0) end as version_findings,
    case when instr(q.could_run, 'LRT-03') > 0 then coalesce(c.feature_findings, 0) end as feature_findings,
    case when instr(q.could_run, 'LRT-04') > 0 and instr(q.could_run, 'LRT-05') > 0 then coalesce(c.device_findings,
        0) + coalesce(x.persons, 0) end as device_findings,
    nullif(concat_ws(';', nullif(c.finding_ids, ''), nullif(x.finding_ids, '')), '') as telemetry_finding_ids,
    a.features as ai_features_used,
    n.auditor_count, n.flex_covered, n.perpetual_covered, n.contractor_own_cover, n.defensible_count, n.ghost,
        n.duplicate, n.inactive,
    n.after_remediation_count, n.gap_auditor, n.gap_defensible, n.gap_after,
    {{ money(['case when n.gap_auditor is not null then greatest(0, n.gap_auditor) end',
        'n.list_price']) }} as money_auditor_list,
    {{ money(['case when n.gap_auditor is not null then greatest(0, n.gap_auditor) end',
        'n.contract_price']) }} as money_auditor_contract,
    {{ money(['case when n.gap_defensible is not null then greatest(0, n.gap_defensible) end',
        'n.list_price']) }} as money_defensible_list,
    {{ money(['case when n.gap_defensible is not null then greatest(0, n.gap_defensible) end',
        'n.contract_price']) }} as money_defensible_contract,
    {{ money(['case when n.gap_after is not null then greatest(0, n.gap_after) end',
        'n.list_price']) }} as money_after_list,
    {{ money(['case when n.gap_after is not null then greatest(0, n.gap_after) end',
        'n.contract_price']) }} as money_after_contract,
    n.coverage_not_known,
    s.only_lrt + s.only_sam as lrt_vs_sam_difference,
    'use is seen up to ' || k.max_day_seen || '; figures stand as of the cutoff ' || k.cutoff as latency_note,
    case
        when not g.has_all or n.gap_auditor is null then 'not_assessable'
        when coalesce(n.gap_after, 0) > 0 or coalesce(c.critical_lrt, 0) > 0
            or coalesce(x.persons, 0) > 0 then 'exposed'
        when n.gap_auditor > 0 then 'at_risk'
        else 'ready'
    end as readiness
from pairs as p
inner join given as g using (review_month)
left join ran as q using (review_month)
inner join {{ ref('int_clock') }} as k using (review_month)
left join {{ ref('int_position') }} as o using (review_month, team_alias, offering_key)
left join {{ ref('int_auditor_count') }} as n using (review_month, team_alias, offering_key)
left join lrt_users as u using (review_month, team_alias, offering_key)
left join counted as c using (review_month, team_alias, offering_key)
left join two_devices as x using (review_month, team_alias, offering_key)
left join ai as a using (review_month, team_alias, offering_key)
left join {{ ref('int_lrt_sam') }} as s using (review_month, offering_key)
