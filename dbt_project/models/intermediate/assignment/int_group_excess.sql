-- Grain: (team, group, offering, person with an HR record) of the groups that IDN-04, IDN-05 or IDN-06 name, in the
-- months of the provisioning review:
-- the attributes a predicate may name, who must stay (meant, or active) and who can go (not meant and not active;
-- without a predicate: not active, and where only IDN-05 speaks, come since then).
with named as (
    select r.review_month, r.team_alias, r.group_name, r.offering_key, bool_or(f.rule_id <> 'IDN-05') as beyond_growth
    from {{ ref('int_group_rule') }} as r
    inner join {{ ref('int_finding') }} as f
        on f.review_month = r.review_month and f.team_alias = r.team_alias and f.scope = r.group_name
        and ((f.rule_id in ('IDN-04', 'IDN-06') and f.offering_key = r.offering_key) or f.rule_id = 'IDN-05')
    where substr(r.review_month, 6, 2) in ('03', '06', '09', '12')
    group by r.review_month, r.team_alias, r.group_name, r.offering_key
),
before as (
    select distinct review_month, team_alias, group_name, person_key from {{ ref('int_previous_group_member') }}
        where months_back = 3
)
select
    m.review_month, m.team_alias, m.group_name, m.offering_key, m.person_key, case
        when m.has_predicate then m.intended end as intended,
    h.department, h.legal_entity, h.cost_centre, h.country, h.worker_type, h.manager_id, h.status, h.employee_id,
    coalesce(m.satisfied, false) or m.is_active or not (m.has_predicate or n.beyond_growth
        or b.person_key is null) as must_stay,
    not ( -- noqa: LT01
        coalesce(m.satisfied, false) or m.is_active or not (m.has_predicate or n.beyond_growth
        or b.person_key is null)) as can_go,
    m.has_seat, m.is_active, r.in_force
from named as n
inner join {{ ref('int_group_member') }} as m
    on m.review_month = n.review_month and m.team_alias = n.team_alias and m.group_name = n.group_name
        and m.offering_key = n.offering_key
inner join {{ ref('stg_outside__hr_workers') }} as h on h.review_month = m.review_month and h.src = m.hr_src
inner join {{ ref('int_hr_record') }} as r on r.review_month = m.review_month and r.src = m.hr_src
left join before as b on b.review_month = m.review_month and b.team_alias = m.team_alias and b.group_name = m.group_name
    and b.person_key = m.person_key
