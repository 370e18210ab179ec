-- ADM-05: admin roles against the approved roster, both ways. Grain: (team or empty, person); scope = unapproved or
-- missing.
with unapproved as (
    select a.review_month, a.team_alias, a.person_key, 'unapproved' as scope, a.role_folded, a.src
    from {{ ref('int_admin') }} as a
    where not exists (
        select 1 from {{ ref('int_admin_approval') }} as p
        where p.review_month = a.review_month and p.person_key = a.person_key and p.role_folded = a.role_folded
            and (p.team_alias is null or p.team_alias = a.team_alias))
),
missing as (
    select p.review_month, p.team_alias, p.person_key, 'missing' as scope, p.role_folded, p.src
    from {{ ref('int_admin_approval') }} as p
    where {{ concluded_of('ADM-05', 'p', 'missing') }} and not exists (
        select 1 from {{ ref('int_admin') }} as a
        where a.review_month = p.review_month and a.person_key = p.person_key and a.role_folded = p.role_folded
            and (p.team_alias is null or p.team_alias = a.team_alias))
),
both_ways as (
    select * from unapproved
    union all
    select * from missing
),
found as (
    select
        b.review_month, b.team_alias, b.person_key, b.scope,
        count(distinct b.role_folded) as observed, 0 as threshold, 'high' as severity,
        case when b.scope = 'missing' then 'appoint' else 'approve' end as recommended_action,
        {{ evidence('b.src') }} as evidence,
        case when b.scope = 'missing' then 'Approved, but not in the portal: '
            else 'In the portal, but not approved: ' end
            || {{ readable_name(distinct_text('b.role_folded', ', ')) }} || '.' as detail
    from both_ways as b
    group by b.review_month, b.team_alias, b.person_key, b.scope
)
select {{ finding('ADM-05', ['team_alias', 'person_key', 'scope']) }}
from found
