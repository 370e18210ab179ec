-- Grain: row of `users` of drop(M): a member, a role and perhaps an offering. Files are united; equal rows count once
-- (rules count persons and keys).
with folded as (
    select u.*, {{ fold('u.role') }} as role_folded
    from {{ ref('stg_portal__users') }} as u
)
select
    u.review_month,
    u.team_alias,
    u.email,
    {{ person_key('u') }} as person_key,
    u.first_name,
    u.last_name,
    u.role,
    u.role_folded,
    {{ is_admin_role('u.role_folded') }} as is_admin,
    u.account_status,
    o.offering_key,
    u.assignment_type,
    u.pinned_subscription_id,
    u.src
from folded as u
left join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
{{ person_joins('u') }}
