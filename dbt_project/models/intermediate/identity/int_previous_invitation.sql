-- Grain: (team, offering, person): invitations with an offering that had not been accepted in drop(M-1), by the aliases
-- and names of now.
{{ config(materialized='view') }}
select distinct
    m.review_month, coalesce(r.team_alias, '(single team)') as team_alias,
    coalesce(p.offering_key, 'unmapped:' || {{ fold('r.offering_name') }}) as offering_key,
    coalesce(a.email, r.email) as person_key
from {{ ref('int_month') }} as m
inner join {{ source('raw', 'users') }} as r on r._drop = m.prev_month
left join {{ ref('int_offering_name') }} as p on p.review_month = m.review_month and p.name = r.offering_name
left join {{ source('reference', 'person_aliases') }} as a on a.review_month = m.review_month
    and a.alias_email = r.email
where r.account_status = 'pending' and r.offering_name is not null
