-- Grain: (directory_users or hr_workers of drop(M), corporate domain of people in A): how many of them have a match.
-- Fewer than half: the input is not joinable for that domain (another address stands in it, or another company's
-- people), and nobody of the domain is called absent by it. Examples of both sides for whoever has to mend it.
with given as (
    -- How a part joins says nothing.
    select i.review_month, i.input
    from {{ ref('int_input_present') }} as i
    left join {{ ref('int_input_complete') }} as c on c.review_month = i.review_month and c.input = i.input
        and c.months_back = 0
    where i.input in ('directory_users', 'hr_workers') and i.in_drop and coalesce(c.is_complete, true)
),
people as (
    select distinct s.review_month, s.person_key, p.domain, p.match_grade <> 'none' as in_directory,
        p.hr_src is not null as in_hr
    from {{ ref('int_seat') }} as s
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where p.domain_kind = 'corporate'
),
counted as (
    select
        g.review_month, g.input, p.domain, count(*) as people,
        count(*) filter (where case g.input when 'directory_users' then p.in_directory else p.in_hr end) as matched,
        {{ first_texts('case when not (case g.input when ' ~ "'directory_users'"
            ~ ' then p.in_directory else p.in_hr end) then p.person_key end', 3) }} as people_examples
    from given as g
    inner join people as p using (review_month)
    group by g.review_month, g.input, p.domain
),
file_side as (
    select review_month, 'directory_users' as input,
        case when bool_or(mail_key is not null) then 'mail' else 'user_principal_name' end as file_column,
        {{ first_texts('coalesce(mail_key, upn_key)', 3) }} as file_examples
    from {{ ref('int_directory_account') }}
    group by review_month
    union all
    select review_month, 'hr_workers',
        case when bool_or(email_key is not null) then 'email'
            when bool_or(upn_key is not null) then 'user_principal_name' else 'employee_id' end,
        {{ first_texts('coalesce(email_key, upn_key, employee_id)', 3) }}
    from {{ ref('int_hr_record') }}
    group by review_month
)
select
    c.review_month, c.input, c.domain, c.people, c.matched, 2 * c.matched >= c.people as is_joinable,
    c.people_examples, coalesce(f.file_column, case c.input when 'directory_users' then 'mail' else 'email'
        end) as file_column, f.file_examples
from counted as c
left join file_side as f using (review_month, input)
