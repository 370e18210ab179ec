-- Grain: line of the claims of drop(M): what it alleges, in our terms: offering, release, person, device, serial, days.
-- subject: what it is answered by (person, device, serial, quantity, nothing). duplicate_of: the earlier line that says
-- the same. person_found: by (an address, `email`; a login, a number or a name that only one person has, `name`),
-- `several`, `nobody`; null where the line names no person. Why a line is answered as it is: docs/decisions/0035.
with stated as (
    select
        c.review_month, c.claim_id, c.src as claim_src,
        row_number() over (partition by c.review_month, c.claim_id order by c.src) as place,
        c.product, c.version, c.person, c.device, c.serial, c.quantity,
        {{ fold('c.product') }} as whole, {{ fold(before_release('c.product')) }} as before_release,
        coalesce({{ year_of_version('c.version') }}, {{ release_in_name('c.product') }}) as release,
        {{ lower_case(trimmed('c.person')) }} as said,
        {{ device_key('c.device') }} as device_key,
        {{ serial_key('c.serial') }} as serial_key,
        c.period, c.period_start, c.period_end,
        nullif({{ period_part('c.period', 1) }}, '') as first_part,
        coalesce(nullif({{ period_part('c.period', 4) }}, ''), nullif({{ period_part('c.period', 1) }}, ''))
            as last_part,
        (c.period_start is null and {{ is_unread('period_start', 'c') }})
        or (c.period_end is null and {{ is_unread('period_end', 'c') }}) as has_unread_day,
        m.as_of, m.window_start
    from {{ ref('stg_outside__vendor_claims') }} as c
    inner join {{ ref('int_month') }} as m using (review_month)
),
alias as (
    select a.review_month, a.alias, a.offering_key
    from {{ source('reference', 'product_aliases') }} as a
    inner join {{ ref('int_month') }} as m on m.review_month = a.review_month and a.valid_from <= m.as_of
        and m.as_of <= a.valid_to
),
dated as (
    select
        s.*,
        coalesce(w.offering_key, x.offering_key, b.offering_key, p.offering_key) as offering_key,
        {{ begins('s.first_part') }} as said_from,
        {{ ends('s.last_part') }} as said_to
    from stated as s
    left join alias as w on w.review_month = s.review_month and w.alias = s.whole
    left join alias as x on x.review_month = s.review_month and x.alias = regexp_replace(s.whole, '^autodesk_', '')
    left join alias as b on b.review_month = s.review_month and b.alias = s.before_release
    left join alias as p on p.review_month = s.review_month
        and p.alias = regexp_replace(s.before_release, '^autodesk_', '')
),
-- Every way in which a text may name a person: grade 1 an address as it stands, 2 an address of a directory account,
-- 3 one of an HR record, 4 a login, a number, a name.
address as (
    select d.review_month, d.claim_src, coalesce(a.email, d.said) as address
    from dated as d
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = d.review_month
        and a.alias_email = d.said
    where instr(d.said, '@') > 0
),
login as (
    select d.review_month, d.claim_src,
        -- firm\ada is the login ada; a text of several words is a name.
        case when instr(d.said, ' ') = 0 then regexp_replace(d.said, '^.*[^a-z0-9._-]', '') end as login, d.said,
        -- Lovelace, Ada is ada_lovelace; what has no comma stays as it is.
        {{ fold("split_part(d.said, ',', 2) || ' ' || split_part(d.said, ',', 1)") }} as name
    from dated as d
    where instr(d.said, '@') = 0
),
named as (
    select review_month, person_key, local_part as login, {{ lower_case('employee_id') }} as number,
        {{ fold('display_name') }} as name
    from (
        select review_month, person_key, local_part, hr_employee_id as employee_id,
            display_name
        from {{ ref('int_person') }}
        union all
        select d.review_month, coalesce(p.person_key, d.mail_key, d.upn_key), split_part(d.upn_key, '@', 1),
            d.employee_id, concat_ws(' ', d.given_name, d.surname)
        from {{ ref('int_directory_account') }} as d
        left join {{ ref('int_person') }} as p on p.review_month = d.review_month and p.directory_src = d.src
    ) as known
),
candidate as (
    select a.review_month, a.claim_src, p.person_key, 1 as grade
    from address as a
    inner join {{ ref('int_person') }} as p on p.review_month = a.review_month and p.person_key = a.address
    union all
    select a.review_month, a.claim_src, coalesce(p.person_key, d.mail_key, d.upn_key), 2
    from address as a
    inner join {{ ref('int_directory_address') }} as x on x.review_month = a.review_month and x.address = a.address
    inner join {{ ref('int_directory_account') }} as d on d.review_month = x.review_month and d.src = x.src
    left join {{ ref('int_person') }} as p on p.review_month = d.review_month and p.directory_src = d.src
    union all
    select a.review_month, a.claim_src, coalesce(p.person_key, h.email_key, h.upn_key), 3
    from address as a
    inner join {{ ref('int_hr_record') }} as h on h.review_month = a.review_month
        and a.address in (h.email_key, h.upn_key)
    left join {{ ref('int_person') }} as p on p.review_month = h.review_month and p.hr_src = h.src
    {% for column in ['login', 'number', 'name'] %}
    union all
    select l.review_month, l.claim_src, n.person_key, 4
    from login as l
    inner join named as n on n.review_month = l.review_month
        and n.{{ column }} = l.{{ 'said' if column == 'number' else column }}
    {% endfor %}
),
best as (
    select review_month, claim_src, grade, min(person_key) as person_key, count(distinct person_key) as persons
    from candidate
    where person_key is not null
    group by review_month, claim_src, grade
    qualify row_number() over (partition by review_month, claim_src order by grade) = 1
),
domain as (
    select distinct review_month, {{ lower_case('domain') }} as domain from {{ source('reference', 'sso_domains') }}
),
resolved as (
    select
        d.*,
        case when b.persons = 1 then b.person_key when b.persons is null then a.address end as person_key,
        case
            when d.said is null then null
            when b.persons > 1 then 'several'
            when b.persons = 1 then case when b.grade = 4 then 'name' else 'email' end
            else 'nobody'
        end as person_found,
        -- Of another company: an address whose domain is none of the registered ones.
        b.persons is null and a.address is not null and n.domain is null
            and exists (select 1 from domain as o where o.review_month = d.review_month) as is_foreign
    from dated as d
    left join best as b on b.review_month = d.review_month and b.claim_src = d.claim_src
    left join address as a on a.review_month = d.review_month and a.claim_src = d.claim_src
    left join domain as n on n.review_month = d.review_month and n.domain = split_part(a.address, '@', 2)
),
placed as (
    select
        r.*,
        case when r.said is not null then 'person' when r.device is not null then 'device'
            when r.serial is not null then 'serial' when r.quantity is not null then 'quantity'
            else 'nothing' end as subject,
        coalesce(r.said_from, r.period_start, {{ add_days('r.window_start', 1) }}) as period_from,
        coalesce(r.said_to, r.period_end, r.as_of) as period_to,
        r.said_from is not null or r.period_start is not null or r.period_end is not null as has_period,
        -- What is not understood is not taken for the default.
        not (r.said_from is null and r.said_to is null and r.period is not null and r.period_start is null
            and r.period_end is null)
        and not (r.first_part is not null and (r.said_from is null or r.said_to is null))
        and not r.has_unread_day
        and coalesce(r.said_from, r.period_start, cast('0001-01-01' as date))
            <= coalesce(r.said_to, r.period_end, cast('9999-12-31' as date)) as is_period_read
    from resolved as r
)
select
    p.review_month, p.claim_id, p.place, p.claim_src, p.product, p.version, p.person, p.device, p.serial, p.period,
    p.quantity, coalesce(p.offering_key, 'unmapped:' || p.whole) as offering_key,
    p.offering_key is not null as is_mapped, p.release, p.person_key, p.person_found, p.is_foreign, p.device_key,
    p.serial_key, p.subject, p.period_from, p.period_to, p.has_period, p.is_period_read,
    nullif(first_value(p.claim_id) over (
        partition by p.review_month, coalesce(p.offering_key, p.whole), p.release, coalesce(p.person_key, p.said),
            p.device_key, p.serial_key, p.period_from, p.period_to, p.is_period_read, coalesce(p.quantity, 1)
        order by p.claim_src rows unbounded preceding), case when row_number() over (
        partition by p.review_month, coalesce(p.offering_key, p.whole), p.release, coalesce(p.person_key, p.said),
            p.device_key, p.serial_key, p.period_from, p.period_to, p.is_period_read, coalesce(p.quantity, 1)
        order by p.claim_src) = 1 then p.claim_id end) as duplicate_of
from placed as p
