-- ADM-02: an administrator with a directory account who was seen neither in use nor at sign-in for long. Grain: (team,
-- person).
with found as (
    select
        a.review_month, a.team_alias, a.person_key,
        {{ days_between('k.cutoff', 's.last_seen') }} as observed, {{ param('ADM-02', 'days', 'a') }} as threshold,
        null as excess, 'medium' as severity, 'remove' as recommended_action,
        a.evidence,
        coalesce('Last seen on ' || s.last_seen || '.', 'Never seen in use or at sign-in.') as detail
    from (
        select review_month, team_alias, person_key, {{ evidence('src') }} as evidence
        from {{ ref('int_admin') }}
        group by review_month, team_alias, person_key
    ) as a
    inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.person_key
    inner join {{ ref('int_clock') }} as k on k.review_month = a.review_month
    inner join {{ ref('int_last_seen') }} as s on s.review_month = a.review_month and s.person_key = a.person_key
    where p.match_grade <> 'none' and {{ concluded_of('ADM-02', 'a') }}
        and not {{ is_unread('last_sign_in_at', 'p', 'directory_src') }}
        and not exists (
            select 1 from {{ ref('int_assignment') }} as x
                where x.review_month = a.review_month and x.person_key = a.person_key and x.access_unread)
        and (s.last_seen is null or {{ days_between('k.cutoff', 's.last_seen') }} >= {{ param('ADM-02', 'days', 'a') }})
)
select {{ finding('ADM-02', ['team_alias', 'person_key', 'excess']) }}
from found
