-- Grain: (review_month, team, offering, person): seats of A with a reason to take them away. primary_reason: the worst
-- severity, then a fixed order.
with seat_finding as (
    select f.review_month, f.team_alias, f.offering_key, f.person_key, f.rule_id, f.finding_id, f.scope, f.severity,
        f.confidence, f.first_seen_month, f.months_open, f.status, f.observed
    from {{ ref('findings') }} as f
    where f.rule_id in ('USE-01', 'USE-02', 'USE-07', 'IDN-01', 'IDN-11', 'CON-01', 'CON-02', 'CON-04')
        and f.review_month in (select m.review_month from {{ ref('int_month') }} as m)
    union all
    -- USE-08 marks the seats of that person and offering except the one that stays: the latest use, then the first team
    -- by name, as in the auditor's count.
    select f.review_month, s.team_alias, f.offering_key, f.person_key, f.rule_id, f.finding_id, f.scope, f.severity,
        f.confidence, f.first_seen_month, f.months_open, f.status, f.observed
    from {{ ref('findings') }} as f
    inner join (
        select review_month, team_alias, offering_key, person_key,
            row_number() over (partition by review_month, offering_key, person_key order by last_use desc nulls last,
                team_alias) as place
        from {{ ref('int_assignment') }}
    ) as s on s.review_month = f.review_month and s.offering_key = f.offering_key and s.person_key = f.person_key
    where f.rule_id = 'USE-08' and s.place > 1
),
placed as (
    select f.*,
        {{ severity_place('f.severity') }} as severity_place,
        case f.rule_id when 'IDN-01' then 1 when 'IDN-11' then 2 when 'CON-01' then 3 when 'CON-02' then 4
            when 'CON-04' then 5 when 'USE-01' then 6 when 'USE-02' then 7 when 'USE-07' then 8
            else 9 end as rule_place,
        case f.confidence when 'low' then 1 when 'medium' then 2 else 3 end as confidence_place
    from seat_finding as f
),
grouped as (
    select
        p.review_month, p.team_alias, p.offering_key, p.person_key,
        {{ distinct_text('p.rule_id') }} as rule_ids,
        {{ distinct_text('p.finding_id') }} as finding_ids,
        {{ least_by('p.rule_id', 'p.severity_place * 100 + p.rule_place', ties=true) }} as primary_reason,
        {{ least_by('p.severity', 'p.severity_place') }} as severity,
        {{ least_by('p.confidence', 'p.confidence_place') }} as confidence,
        -- Of several findings of that rule (two collections with the member) the first by id.
        {{ least_by('p.status', 'cast(p.severity_place * 100 + p.rule_place as string) || p.finding_id') }} as status,
        min(p.first_seen_month) as first_seen_month,
        -- The oldest of its findings: first seen earliest, then the longest run.
        {{ least_by('-p.months_open', 'p.first_seen_month', ties=true) }} * -1 as months_open,
        max(case when p.rule_id = 'IDN-01' then p.observed end) as ghost_days,
        bool_or(p.rule_id in ('CON-02', 'CON-04')) as asks_review
    from placed as p
    group by p.review_month, p.team_alias, p.offering_key, p.person_key
)
select
    g.review_month, g.team_alias, g.offering_key, g.person_key, a.email, a.display_name, g.rule_ids, g.primary_reason,
    a.last_use as last_use_date,
    case when a.days_inactive is not null then greatest(0, a.days_inactive) end as days_inactive,
    a.assigned_date,
    x.left_on,
    cast(g.ghost_days as bigint) as ghost_days,
    a.routes as route,
    {{ seat_removal('a', 'g.asks_review') }} as action,
    {{ money('a.price') }} as exposure_amount,
    case when a.price is not null then a.currency end as currency,
    g.severity, g.confidence, g.first_seen_month, g.months_open, g.status, g.finding_ids
from grouped as g
inner join {{ ref('int_assignment') }} as a
    on a.review_month = g.review_month and a.team_alias = g.team_alias and a.offering_key = g.offering_key
        and a.person_key = g.person_key
left join {{ ref('int_ghost') }} as x on x.review_month = g.review_month and x.person_key = g.person_key
