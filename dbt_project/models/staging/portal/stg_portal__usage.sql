-- Grain: rows of every drop up to the horizon of the month that no later file up to it beats in the same words; rows
-- that say the same in other words meet in int_contested_row. Renames only; nothing is joined but the months of the
-- run.
select
    m.review_month,
    r.day_used,
    r.offering_name,
    r.product_name,
    r.version,
    r.access_option,
    coalesce(r.team_alias, '(single team)') as team_alias,
    r.hashed_autodesk_id,
    r.autodesk_id,
    r.email,
    r.first_name,
    r.last_name,
    r.team_alias as row_team,
    r._drop as drop_month,
    r._file_rank as file_rank,
    r._src as src
from {{ source('raw', 'usage') }} as r
inner join {{ drops_seen() }} as m on m.drop = r._drop
    and {{ is_unbeaten('r._until', 'm') }}
