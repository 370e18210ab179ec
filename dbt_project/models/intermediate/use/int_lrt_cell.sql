-- Grain: (team, person, offering, period in the window) of telemetry: days as bits, number of rows. A row without a
-- team belongs to the team with most rows of A, then by name. is_excluded: known only by hash in a team that hides who
-- uses what. srcs: the first rows. A view.
{{ config(materialized='view') }}
select
    u.review_month, coalesce(u.row_team, t.team_alias, '(single team)') as team_alias, u.person_key, u.offering_key,
    u.period, u.days, u.use_rows, u.srcs,
    u.person_key like 'hash:%' and h.team_alias is not null as is_excluded
from {{ ref('int_use_cell') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
left join {{ ref('int_top_team') }} as t on t.review_month = u.review_month
left join {{ ref('int_hidden_team') }} as h on h.review_month = u.review_month
    and h.team_alias = coalesce(u.row_team, t.team_alias, '(single team)')
where u.input = 'lrt' and u.period > m.window_start and u.period <= m.as_of
