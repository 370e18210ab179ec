-- Grain: (review_month, team, person, role) of portal or approvals, and one row per team for ADM-01 and for ADM-07.
-- Quarter months only.
with quarter as (
    -- Without `users` nothing is known of the portal's roles: no row says that somebody is missing there.
    select m.review_month
    from {{ ref('int_month') }} as m
    inner join {{ ref('int_input_present') }} as i on i.review_month = m.review_month and i.input = 'users'
        and i.in_drop
    where substr(m.review_month, 6, 2) in ('03', '06', '09', '12')
),
approved as (
    select distinct a.review_month, a.team_alias, a.person_key, a.role_folded
    from {{ ref('int_admin') }} as a
    inner join {{ ref('int_admin_approval') }} as p
        on p.review_month = a.review_month and p.person_key = a.person_key and p.role_folded = a.role_folded
            and (p.team_alias is null or p.team_alias = a.team_alias)
),
role_row as (
    select a.review_month, a.team_alias, a.person_key, a.role_folded, a.role, true as in_portal,
        y.person_key is not null as on_roster
    from {{ ref('int_admin') }} as a
    left join approved as y on y.review_month = a.review_month and y.team_alias is not distinct from a.team_alias
        and y.person_key = a.person_key and y.role_folded = a.role_folded
    union all
    select p.review_month, coalesce(p.team_alias, '') as team_alias, p.person_key, p.role_folded, p.role,
        false as in_portal, true as on_roster
    from {{ ref('int_admin_approval') }} as p
    where {{ concluded_of('ADM-05', 'p', 'missing') }} and not exists (
        select 1 from {{ ref('int_admin') }} as a
        where a.review_month = p.review_month and a.person_key = p.person_key and a.role_folded = p.role_folded
            and (p.team_alias is null or p.team_alias = a.team_alias))
),
finding as (
    select f.review_month, coalesce(f.team_alias, '') as team_alias, f.person_key, f.rule_id, f.scope, f.severity,
        {{ severity_place('f.severity') }} as place
    from {{ ref('findings') }} as f
    where f.rule_id in ('ADM-02', 'ADM-03', 'ADM-04', 'ADM-05', 'ADM-06')
),
matched as (
    select r.review_month, r.team_alias, r.person_key, r.role_folded, r.role, r.in_portal, r.on_roster,
        {{ distinct_text('f.rule_id') }} as rule_ids,
        {{ least_by('f.severity', 'f.place') }} as severity,
        bool_or(f.rule_id in ('ADM-02', 'ADM-03', 'ADM-04')) as must_go
    from role_row as r
    left join finding as f
        on f.review_month = r.review_month and f.team_alias = r.team_alias and f.person_key = r.person_key
        and (f.rule_id <> 'ADM-05' or (f.scope = 'missing' and not r.in_portal)
            or (f.scope = 'unapproved' and r.in_portal and not r.on_roster))
    group by r.review_month, r.team_alias, r.person_key, r.role_folded, r.role, r.in_portal, r.on_roster
)
select
    m.review_month, m.team_alias, m.person_key, m.role, m.on_roster, m.in_portal, nullif(m.rule_ids, '') as rule_ids,
    s.last_seen,
    m.severity,
    case
        when coalesce(m.must_go, false) then 'remove'
        when m.in_portal and not m.on_roster and coalesce(p.account_enabled, false) then 'approve'
        when m.in_portal and not m.on_roster then 'remove'
        when not m.in_portal then 'appoint'
        else 'keep'
    end as action,
    {{ admin_role_rights('m.role_folded') }} as role_rights
from matched as m
inner join quarter using (review_month)
left join {{ ref('int_person') }} as p using (review_month, person_key)
left join {{ ref('int_last_seen') }} as s using (review_month, person_key)
union all
select f.review_month, f.team_alias, cast(null as string), cast(null as string), false, false, f.rule_id,
    cast(null as date), f.severity, case f.rule_id when 'ADM-01' then 'remove' else 'appoint' end,
    cast(null as string)
from {{ ref('findings') }} as f
inner join quarter using (review_month)
where f.rule_id in ('ADM-01', 'ADM-07')
