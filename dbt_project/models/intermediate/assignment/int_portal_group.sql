-- Grain: (team, group, person) of the portal groups of drop(M).
select
    g.review_month,
    g.team_alias,
    g.group_name,
    max(g.group_type) as group_type,
    {{ person_key('g') }} as person_key,
    min(g.src) as src
from {{ ref('stg_portal__groups') }} as g
{{ person_joins('g') }}
group by all
