-- Grain: review month with seats: the team with most rows of A, then by name. A row of telemetry without a team belongs
-- to it.
select review_month, team_alias
from (select review_month, team_alias, count(*) as seats from {{ ref('int_seat') }} group by review_month, team_alias)
qualify row_number() over (partition by review_month order by seats desc, team_alias) = 1
