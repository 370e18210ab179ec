-- ADM-01: more administrators in a team than allowed, in number or (in teams of min_persons) in share of all its users.
-- Of a part of the users no share is known. Grain: team.
with team as (
    select u.review_month, u.team_alias, count(distinct u.person_key) as persons,
        count(distinct case when u.is_admin then u.person_key end) as admins,
        {{ evidence('case when u.is_admin then u.src end') }} as evidence
    from {{ ref('int_portal_user') }} as u
    group by u.review_month, u.team_alias
),
judged as (
    select t.*,
        t.admins > {{ param('ADM-01', 'max_admins', 't') }} as by_number,
        t.persons >= {{ param('ADM-01', 'min_persons', 't') }}
            and t.admins > {{ param_decimal('ADM-01', 'max_share', 't') }} * t.persons
            and {{ concluded('ADM-01', 't', 'share') }} as by_share,
        {{ param('ADM-01', 'max_admins', 't') }} as max_admins,
        {{ param_decimal('ADM-01', 'max_share', 't') }} * t.persons as share_limit
    from team as t
),
found as (
    select
        j.review_month, j.team_alias,
        j.admins as observed, case when j.by_number then j.max_admins else j.share_limit end as threshold,
        'medium' as severity, 'remove' as recommended_action, j.evidence,
        j.admins || ' of ' || {{ counted('j.persons', 'user') }} || ' of the team are administrators.' as detail
    from judged as j
    where j.by_number or j.by_share
)
select {{ finding('ADM-01', ['team_alias']) }}
from found
