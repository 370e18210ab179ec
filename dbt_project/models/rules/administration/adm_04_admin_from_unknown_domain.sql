-- ADM-04: an administrator whose domain is not registered. Grain: (team, person).
select
    {{ finding(
        'ADM-04', observed='1', threshold='0', excess='1', review_month='a.review_month', team='a.team_alias',
            person='a.person_key',
        severity="'critical'", recommended_action="'remove'", evidence=evidence('a.src'),
        detail="'The administrator (' || " ~ distinct_text('a.role', ', ')
            ~ " || ') is of the unregistered domain ' || max(p.domain) || '.'"
    ) }}
from {{ ref('int_admin') }} as a
inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
where not p.is_hash and p.domain_kind is null
group by a.review_month, a.team_alias, a.person_key
