-- Grain: (team, person, folded admin role) of `users` of drop(M-1).
select m.review_month, coalesce(u.team_alias, '(single team)') as team_alias, {{ person_key('u') }} as person_key,
    u.role_folded
from (select *, {{ fold('role') }} as role_folded from {{ source('raw', 'users') }}) as u
inner join {{ ref('int_month') }} as m on m.prev_month = u._drop
left join {{ source('reference', 'person_aliases') }} as alias_ on alias_.review_month = m.review_month
    and alias_.alias_email = u.email
where {{ is_admin_role('u.role_folded') }}
group by all
