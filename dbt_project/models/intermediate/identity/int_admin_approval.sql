-- Grain: (team or null, person, folded role) approved at as_of.
select a.review_month, a.team_alias, {{ person_key('a') }} as person_key, {{ fold('a.role') }} as role_folded,
    min(a.role) as role, min(a._src) as src
from {{ source('reference', 'approved_admins') }} as a
inner join {{ ref('int_month') }} as m using (review_month)
{{ person_joins('a') }}
where a.valid_from <= m.as_of and m.as_of <= a.valid_to
group by all
