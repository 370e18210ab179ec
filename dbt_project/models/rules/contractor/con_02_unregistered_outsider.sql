-- CON-02: a seat of somebody from an unknown domain who is not in the contractor register. Grain: (team, offering,
-- person).
with found as (
    {{ seats_of_unregistered_domains(
        "'The domain ' || p.domain || ' is not registered, and the person is in no contractor register.'") }}
        and not p.is_contractor and {{ concluded_of('CON-02', 'a') }}
)
select {{ finding('CON-02', ['team_alias', 'offering_key', 'person_key', 'exposure', 'route', 'days_12m']) }}
from found
