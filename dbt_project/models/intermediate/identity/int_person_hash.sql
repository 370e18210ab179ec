-- Grain: hash. Hashes that rows of the drops used (event rows up to the horizon, others up to the month) show beside
-- e-mails of exactly one person after aliases; one name space over inputs.
with pairs as (
    select distinct _drop as drop_month, false as is_event, hashed_autodesk_id as hash, email
        from {{ source('raw', 'usage_report') }}
    where hashed_autodesk_id is not null and email is not null
    union
    select distinct _drop as drop_month, true as is_event, hashed_autodesk_id as hash, email
        from {{ source('raw', 'usage') }}
    where hashed_autodesk_id is not null and email is not null
    union
    select distinct _drop as drop_month, true as is_event, user_hash as hash, user_email as email
        from {{ source('raw', 'lrt') }}
    where user_hash is not null and user_email is not null
)
select
    m.review_month,
    p.hash,
    min(coalesce(a.email, p.email)) as person_key
from pairs as p
inner join {{ ref('int_month') }} as m on p.drop_month <= case when p.is_event then m.horizon else m.drop_month end
left join {{ source('reference', 'person_aliases') }} as a on a.review_month = m.review_month
    and a.alias_email = p.email
group by m.review_month, p.hash
having count(distinct coalesce(a.email, p.email)) = 1
