-- Grain: (directory account, address): every address by which an account is known, mapped through person_aliases, with
-- the best grade: 1 mail, 2 user principal name, 3 one of its other addresses.
with other as (
    select d.review_month, d.src, {{ split_rows('d.other_addresses', trimmed=true) }} as address
    from {{ ref('int_directory_account') }} as d
    where d.other_addresses is not null
),
address as (
    select review_month, src, mail_key as address, 1 as grade from {{ ref('int_directory_account') }}
        where mail_key is not null
    union all
    select review_month, src, upn_key, 2 from {{ ref('int_directory_account') }} where upn_key is not null
    union all
    select o.review_month, o.src, coalesce(a.email, o.address), 3
    from other as o
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = o.review_month
        and a.alias_email = o.address
    where o.address <> ''
)
select review_month, src, address, min(grade) as grade
from address
group by review_month, src, address
