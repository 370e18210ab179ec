-- Grain: (review_month, team, offering, person): the seats of A with last use, routes and price.
select a.review_month, {{ month_begin('a.review_month') }} as month_start,
    a.team_alias, a.offering_key, a.person_key, a.assigned_date, a.version, a.last_use, a.days_12m,
    a.days_inactive, a.active_30d, a.active_90d,
    a.routes, a.price as seat_price, a.currency, a.price_basis
from {{ ref('int_assignment') }} as a
