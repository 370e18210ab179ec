-- Grain: (team or null, hub, person): what somebody is in a hub, over the hub, its projects and its products.
select
    review_month, team_alias, hub, person_key,
    bool_or(is_administrator) as is_administrator,
    count(distinct project) as projects,
    max(last_sign_in_at) as last_sign_in_at,
    count(*) as member_rows,
    {{ evidence('src') }} as evidence
from {{ ref('int_hub_member') }}
group by review_month, team_alias, hub, person_key
