-- Grain: team: the names without an alias under which drop(M) has rows of the team in subscriptions, users or
-- usage_report. Seats or rights under such a name may be those that a position of the team lacks.
select review_month, team_alias, {{ distinct_text("substr(offering_key, 10)", ', ') }} as names
from (
    select review_month, team_alias, offering_key from {{ ref('int_subscription') }}
    union
    select review_month, team_alias, offering_key from {{ ref('int_portal_user') }}
    union
    select review_month, team_alias, offering_key from {{ ref('int_usage_report') }}
)
where offering_key like 'unmapped:%'
group by review_month, team_alias
