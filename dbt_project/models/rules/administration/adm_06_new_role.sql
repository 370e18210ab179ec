-- ADM-06: an admin role that was not there a month ago and has no approval. Grain: (team, person).
with found as (
    select
        a.review_month, a.team_alias, a.person_key,
        1 as observed, 0 as threshold, 'high' as severity,
        'approve' as recommended_action, {{ evidence('a.src') }} as evidence,
        'New since last month and not approved: ' || {{ distinct_text('a.role', ', ') }} || '.' as detail
    from {{ ref('int_admin') }} as a
    where
        {{ concluded_of('ADM-06', 'a') }}
        and not exists (
            select 1 from {{ ref('int_previous_admin') }} as b
            where b.review_month = a.review_month and b.team_alias = a.team_alias and b.person_key = a.person_key
                and b.role_folded = a.role_folded)
        and not exists (
            select 1 from {{ ref('int_admin_approval') }} as p
            where p.review_month = a.review_month and p.person_key = a.person_key and p.role_folded = a.role_folded
                and (p.team_alias is null or p.team_alias = a.team_alias))
    group by a.review_month, a.team_alias, a.person_key
)
select {{ finding('ADM-06', ['team_alias', 'person_key']) }}
from found
