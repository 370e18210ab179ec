-- Grain: administrator, in the portal or by approval: the latest of use days, last access to a seat and directory
-- sign-in (before 1970 is none). Null: never seen. Who is only approved, and not known otherwise, has no row.
with administrator as (
    select review_month, person_key from {{ ref('int_admin') }}
    union
    select a.review_month, a.person_key
    from {{ ref('int_admin_approval') }} as a
    inner join {{ ref('int_person') }} using (review_month, person_key)
),
seen as (
    select review_month, person_key, last_use_day as day from {{ ref('int_use_total') }}
    union all
    select review_month, person_key, last_use from {{ ref('int_assignment') }}
    union all
    select review_month, person_key, cast(last_sign_in_at as date) from {{ ref('int_person') }}
        where cast(last_sign_in_at as date) >= cast('1970-01-01' as date)
)
select a.review_month, a.person_key, max(s.day) as last_seen
from administrator as a
left join seen as s using (review_month, person_key)
group by a.review_month, a.person_key
