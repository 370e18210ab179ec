-- Grain: directory account of drop(M), its addresses mapped through person_aliases. account_enabled is null where the
-- file's word for it is not known.
select
    d.review_month,
    d.user_id,
    coalesce(a.email, d.mail) as mail_key,
    coalesce(b.email, d.user_principal_name) as upn_key,
    d.other_addresses,
    d.given_name,
    d.surname,
    d.account_enabled,
    d.user_type,
    d.employee_id,
    d.last_sign_in_at,
    cast(d.leave_at as date) as leave_at,
    d.src
from {{ ref('stg_outside__directory_users') }} as d
left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month and a.alias_email = d.mail
left join {{ source('reference', 'person_aliases') }} as b on b.review_month = d.review_month
    and b.alias_email = d.user_principal_name
