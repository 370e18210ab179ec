-- IDN-10: a team with seats has single sign-on but no directory sync. Grain: team.
with found as (
    select
        c.review_month, c.team_alias,
        1 as observed, 0 as threshold, 'high' as severity,
        'fix_sync' as recommended_action, {{ evidence('c.src') }} as evidence,
        'Single sign-on is on and directory sync is off for ' || {{ distinct_text('c.domain', ', ') }} || '.' as detail
    from {{ ref('int_directory_sync') }} as c
    where
        c.sso_enabled and not c.directory_sync_enabled
        and exists (select 1 from {{ ref('int_seat') }} as s
            where s.review_month = c.review_month and s.team_alias = c.team_alias)
    group by c.review_month, c.team_alias
)
select {{ finding('IDN-10', ['team_alias']) }}
from found
