-- Grain: (team, offering, person) = A(M), with the attributes that the usage report gives. In a team that hides
-- personal data its part comes from `users` alone if drop(M) holds `users`.
with users_given as (
    select review_month from {{ ref('int_input_present') }} where input = 'users' and in_drop
),
from_report as (
    select
        u.review_month, u.team_alias, u.offering_key, u.person_key,
        min(u.assigned_date) as assigned_date,
        case
            when count(u.version) = count({{ leading_number('u.version') }})
                then {{ greatest_by('u.version', leading_number('u.version'), ties=true) }}
            else max(u.version)
        end as version,
        max(u.last_accessed) as last_accessed,
        coalesce(bool_or(u.access_unread), false) as access_unread,
        coalesce(bool_or(u.assigned_unread), false) as assigned_unread,
        {{ evidence('u.src') }} as evidence,
        min(u.src) as src
    from {{ ref('int_usage_report') }} as u
    left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
    left join users_given as g on g.review_month = u.review_month
    where u.is_assigned and not u.is_flex and (h.team_alias is null or g.review_month is null)
    group by u.review_month, u.team_alias, u.offering_key, u.person_key
),
from_users as (
    select
        u.review_month, u.team_alias, u.offering_key, u.person_key,
        {{ evidence('u.src') }} as evidence,
        min(u.src) as src
    from {{ ref('int_portal_user') }} as u
    left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month and h.team_alias = u.team_alias
    where
        u.offering_key is not null
        and (
            h.team_alias is not null
            or not exists (
                select 1 from {{ ref('int_usage_report') }} as r
                where r.review_month = u.review_month and r.team_alias = u.team_alias
                    and r.offering_key = u.offering_key and r.person_key = u.person_key
            )
        )
    group by u.review_month, u.team_alias, u.offering_key, u.person_key
)
select review_month, team_alias, offering_key, person_key, 'usage_report' as origin, assigned_date, version,
    last_accessed, access_unread, assigned_unread, evidence, src
from from_report
union all
select review_month, team_alias, offering_key, person_key, 'users' as origin, cast(null as date), cast(null as string),
    cast(null as date), false, false, evidence, src
from from_users
