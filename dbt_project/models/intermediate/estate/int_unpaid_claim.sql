-- Grain: day of a claim, or installation, that says trial or education (kind), in the last 365 days, in the company's
-- hands: on a device of the inventory, or by a person with an HR or directory record, an assignment, or a registered
-- domain. subject: person, else `device:` and the device.
-- An inventory row seen after as_of counts (it is there now); one without a day counts. Entries beside the product
-- itself are the same installation.
with device as (
    select distinct review_month, {{ lower_case(trimmed('device_id')) }} as device_key
    from {{ ref('stg_outside__device_inventory') }}
),
known as (
    select review_month, person_key from {{ ref('int_person') }}
    where hr_employee_id is not null or directory_user_id is not null or domain_kind is not null
    union
    select review_month, person_key from {{ ref('int_seat') }}
),
claimed as (
    select
        l.review_month, l.offering_key, l.person_key as subject, l.licence_claim as kind, 'day' as unit,
            cast(l.day as string) as unit_key, l.src
    from {{ ref('int_lrt_event') }} as l
    left join device as d on d.review_month = l.review_month and d.device_key = {{ lower_case(trimmed('l.device')) }}
    left join known as k on k.review_month = l.review_month and k.person_key = l.person_key
    where l.licence_claim in ('trial', 'education')
        and (d.device_key is not null or k.person_key is not null)
),
installed as (
    select i.*
    from {{ ref('int_install') }} as i
    inner join {{ ref('int_month') }} as m using (review_month)
    where i.licence_class in ('trial', 'education') and (i.last_seen_at is null
        or cast(i.last_seen_at as date) > m.window_start)
)
select * from claimed
union all
select
    i.review_month, i.offering_key, coalesce(i.person_key, 'device:' || i.device_id) as subject,
        i.licence_class as kind,
    'installation' as unit, i.device_key || '|' || coalesce(cast(i.release as string), '') as unit_key, i.src
from installed as i
where
    i.is_mapped
    or not exists (
        select 1 from installed as x
        where x.review_month = i.review_month and x.device_key = i.device_key and x.licence_class = i.licence_class
            and x.is_mapped
            and x.release is not distinct from i.release)
