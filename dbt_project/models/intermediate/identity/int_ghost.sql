-- Grain: person who has left, is disabled or is absent (the first that holds). Absent needs a given directory and a corporate or acquired domain.
-- Where an input is missing its part cannot hold: rule_runs says so.
select
    p.review_month,
    p.person_key,
    case
        when not p.hr_in_force then 'left'
        when not p.account_enabled then 'disabled'
        else 'absent'
    end as reason,
    coalesce(p.leave_date, p.directory_leave_at) as left_on,
    p.hr_src,
    p.directory_src
from {{ ref('int_person') }} as p
inner join {{ ref('int_input_present') }} as d on d.review_month = p.review_month and d.input = 'directory_users'
where
    not coalesce(p.hr_in_force, true)
    or not coalesce(p.account_enabled, true)
    or (
        p.domain_kind in ('corporate', 'acquired')
        and d.in_drop
        and p.match_grade = 'none'
        and not coalesce(p.hr_in_force, false)
        and not p.contractor_valid
    )
