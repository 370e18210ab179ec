-- HUB-02: more administrators in a hub than allowed, in number or (in hubs of min_members) in share; of a project in
-- number. Grain: (team, scope): scope = the hub, or `hub:project`.
with place as (
    select
        review_month, team_alias, hub, cast(null as string) as project,
        count(distinct person_key) as members,
        count(distinct case when is_administrator and project is null then person_key end) as admins,
        {{ evidence_and_count('src', 'is_administrator and project is null') }}
    from {{ ref('int_hub_member') }}
    group by review_month, team_alias, hub
    union all
    select
        review_month, team_alias, hub, project,
        count(distinct person_key),
        count(distinct case when is_administrator then person_key end),
        {{ evidence_and_count('src', 'is_administrator') }}
    from {{ ref('int_hub_member') }}
    where project is not null
    group by review_month, team_alias, hub, project
),
judged as (
    select p.*,
        {{ param('HUB-02', 'max_admins', 'p') }} as max_admins,
        {{ param_decimal('HUB-02', 'max_share', 'p') }} * p.members as share_limit,
        p.admins > {{ param('HUB-02', 'max_admins', 'p') }} as by_number,
        p.project is null and p.members >= {{ param('HUB-02', 'min_members', 'p') }}
            and p.admins > {{ param_decimal('HUB-02', 'max_share', 'p') }} * p.members
            and {{ concluded('HUB-02', 'p', 'share') }} as by_share
    from place as p
),
found as (
    select
        j.review_month, j.team_alias, j.hub || coalesce(':' || j.project, '') as scope,
        j.admins as observed, case when j.by_number then j.max_admins else j.share_limit end as threshold,
        'medium' as severity, 'remove' as recommended_action, j.evidence, j.evidence_count,
        j.admins || ' of ' || {{ counted('j.members', 'member') }} || ' of the '
            || case when j.project is null then 'hub' else 'project' end || ' are administrators of it.' as detail
    from judged as j
    where j.by_number or j.by_share
)
select {{ finding('HUB-02', ['team_alias', 'scope', 'evidence_count']) }}
from found
