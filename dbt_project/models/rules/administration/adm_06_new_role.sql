-- ADM-06: an admin role that was not there a month ago and has no approval. Grain: (team, person).
select
    {{ finding(
        'ADM-06', observed='1', threshold='0', review_month='a.review_month', team='a.team_alias',
            person='a.person_key', severity="'high'",
        recommended_action="'approve'", evidence=evidence('a.src'),
        detail="'New since last month and not approved: ' || " ~ distinct_text('a.role', ', ') ~ " || '.'"
    ) }}
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
