-- Grain: (input, months_back, person): a row of the input that was rejected in that drop is about the person, by any
-- address or identifier in it. months_back: 0 = drop(M), 1 = drop(M-1), 3 = drop(M-3). What is not concluded from an
-- input that is not whole is not concluded about these persons either.
with looked_at as (
    {{ drops_looked_at() }}
),
subject as (
    select distinct d.review_month, d.months_back, r.input, r.kind, coalesce(a.email, r.value) as value
    from looked_at as d
    inner join {{ source('raw', 'rejected_subject') }} as r on r.drop = d.drop_month
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month
        and a.alias_email = r.value and r.kind = 'address'
),
-- By what each person is known: addresses and identifiers of the matched account and record, and a hash that belongs to
-- the person.
mark as (
    select p.review_month, p.person_key, 'address' as kind, x.address as value
    from {{ ref('int_person') }} as p
    inner join {{ ref('int_directory_address') }} as x on x.review_month = p.review_month and x.src = p.directory_src
    union all
    select p.review_month, p.person_key, 'address', h.email_key
    from {{ ref('int_person') }} as p
    inner join {{ ref('int_hr_record') }} as h on h.review_month = p.review_month and h.src = p.hr_src
    union all
    select p.review_month, p.person_key, 'address', h.upn_key
    from {{ ref('int_person') }} as p
    inner join {{ ref('int_hr_record') }} as h on h.review_month = p.review_month and h.src = p.hr_src
    union all
    select p.review_month, p.person_key, 'id', {{ lower_case('p.hr_employee_id') }} from {{ ref('int_person') }} as p
    union all
    select p.review_month, p.person_key, 'id', {{ lower_case('p.directory_user_id') }}
    from {{ ref('int_person') }} as p
    union all
    select p.review_month, p.person_key, 'id', {{ lower_case('d.employee_id') }}
    from {{ ref('int_person') }} as p
    inner join {{ ref('int_directory_account') }} as d on d.review_month = p.review_month and d.src = p.directory_src
    union all
    select p.review_month, p.person_key, 'id', {{ lower_case('substr(p.person_key, 6)') }}
    from {{ ref('int_person') }} as p
        where p.is_hash
    union all
    select h.review_month, h.person_key, 'id', {{ lower_case('h.hash') }} from {{ ref('int_person_hash') }} as h
)
select s.review_month, s.months_back, s.input, s.value as person_key
from subject as s
where s.kind = 'address'
union
select s.review_month, s.months_back, s.input, k.person_key
from subject as s
inner join mark as k using (review_month, kind, value)
