-- IDN-09: a seat of somebody whose e-mail domain is not registered. Grain: (team, offering, person).
with found as (
    {{ seats_of_unregistered_domains("'The domain ' || p.domain || ' is not among the registered ones.'") }}
)
select {{ finding('IDN-09', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
