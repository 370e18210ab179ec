-- ADM-04: an administrator whose domain is not registered. Grain: (team, person).
with found as (
    select
        a.review_month, a.team_alias, a.person_key,
        1 as observed, 0 as threshold, 'critical' as severity,
        'remove' as recommended_action, {{ evidence('a.src') }} as evidence,
        'The administrator (' || {{ distinct_text('a.role', ', ') }} || ') is of the unregistered domain '
            || max(p.domain) || '.' as detail
    from {{ ref('int_admin') }} as a
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where not p.is_hash and p.domain_kind is null
    group by a.review_month, a.team_alias, a.person_key
)
select {{ finding('ADM-04', ['team_alias', 'person_key']) }}
from found
