-- Grain: as int_lrt_row, with the row's team resolved: a row without a team belongs to the team with most rows of A,
-- then by name.
with top_team as (
    select review_month, team_alias
    from (select review_month, team_alias, count(*) as seats
        from {{ ref('int_seat') }} group by review_month, team_alias)
    qualify row_number() over (partition by review_month order by seats desc, team_alias) = 1
)
select
    l.review_month,
    l.event_at,
    l.received_at,
    l.day,
    coalesce(l.row_team, t.team_alias, '(single team)') as team_alias,
    l.row_team,
    l.offering_key,
    l.person_key,
    starts_with(l.person_key, 'hash:') as is_hash,
    starts_with(l.person_key, 'hash:') and h.team_alias is not null as leave_out,
    l.device,
    l.version,
    l.release,
    l.feature,
    l.licence_claim,
    l.duration_minutes,
    l.country,
    l.source,
    l.day > m.window_start and l.day <= m.as_of as in_window,
    l.src
from {{ ref('int_lrt_row') }} as l
inner join {{ ref('int_month') }} as m on m.review_month = l.review_month
left join top_team as t on t.review_month = l.review_month
left join {{ ref('int_hidden_team') }} as h on h.review_month = l.review_month
    and h.team_alias = coalesce(l.row_team, t.team_alias, '(single team)')
