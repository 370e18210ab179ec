-- Grain: rows of every drop up to the horizon of the month that no later file up to it beats in the same words; rows
-- that say the same in other words meet in int_contested_row. Renames only; nothing is joined but the months of the
-- run.
select
    m.review_month,
    r.event_at,
    r.product,
    r.user_email,
    r.user_hash,
    r.event_id,
    r.received_at,
    r.device_id,
    r.host_name,
    r.version,
    r.build,
    r.feature,
    r.licence_claim,
    r.duration_minutes,
    r.country,
    r.source,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.team_alias as row_team,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'lrt') }} as r
inner join {{ drops_seen() }} as m on m.drop = r._drop
    and {{ is_unbeaten('r._until', 'm') }}
