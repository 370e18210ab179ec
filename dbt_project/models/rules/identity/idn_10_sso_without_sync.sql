-- IDN-10: a team with seats has single sign-on but no directory sync. Grain: team.
select
    {{ finding(
        'IDN-10', observed='1', threshold='0', excess='1', review_month='c.review_month', team='c.team_alias',
        severity="'high'", recommended_action="'fix_sync'", evidence=evidence('c.src'),
        detail="'Single sign-on is on and directory sync is off for ' || " ~ distinct_text('c.domain', ', ') ~ " || '.'"
    ) }}
from {{ ref('stg_portal__sso_config') }} as c
where
    c.sso_enabled and not c.directory_sync_enabled
    and exists (select 1 from {{ ref('int_seat') }} as s
        where s.review_month = c.review_month and s.team_alias = c.team_alias)
group by c.review_month, c.team_alias
