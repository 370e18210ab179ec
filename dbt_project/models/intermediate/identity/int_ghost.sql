-- Grain: person who has left, is disabled or is absent (the first that holds). Absence needs a directory that is whole
-- and joinable for a corporate or acquired domain, and neither a match by any address, a rejected row that is about the
-- person, an HR record in force or of unknown status, nor a valid contractor entry. Where an input is missing its part
-- cannot hold.
-- confidence: high where two sources agree, low where HR says ended, the account is on and there was use later than the
-- day after leaving (used_after_leaving), else medium.
with fact as (
    select
        p.*,
        p.domain_kind in ('corporate', 'acquired')
            and d.in_drop and {{ concluded('IDN-01', 'p', 'absent') }} and coalesce(j.is_joinable, true)
            and p.match_grade = 'none' and not p.contractor_valid
            and (p.hr_src is null or p.hr_is_ended)
            and not exists (
                select 1 from {{ ref('int_rejected_person') }} as r
                where r.review_month = p.review_month and r.months_back = 0 and r.person_key = p.person_key
                    and r.input in ('directory_users', 'hr_workers', 'contractors')) as is_absent,
        -- No record where every worker would have one: HR agrees that nobody of that name is here.
        p.hr_src is null and h.in_drop and coalesce(x.is_complete, true) and coalesce(k.is_joinable, true)
            and not coalesce(s.is_active_only, false)
            and not exists (
                select 1 from {{ ref('int_rejected_person') }} as r
                where r.review_month = p.review_month and r.months_back = 0 and r.person_key = p.person_key
                    and r.input = 'hr_workers') as is_unknown_to_hr
    from {{ ref('int_person') }} as p
    inner join {{ ref('int_input_present') }} as d on d.review_month = p.review_month and d.input = 'directory_users'
    inner join {{ ref('int_input_present') }} as h on h.review_month = p.review_month and h.input = 'hr_workers'
    left join {{ ref('int_input_complete') }} as x on x.review_month = p.review_month and x.input = 'hr_workers'
        and x.months_back = 0
    left join {{ ref('int_input_joinable') }} as j on j.review_month = p.review_month and j.input = 'directory_users'
        and j.domain = p.domain
    left join {{ ref('int_input_joinable') }} as k on k.review_month = p.review_month and k.input = 'hr_workers'
        and k.domain = p.domain
    left join {{ ref('int_hr_scope') }} as s on s.review_month = p.review_month
),
ghost as (
    select f.*, coalesce(f.leave_date, f.directory_leave_at) as left_on
    from fact as f
    where coalesce(f.hr_is_ended, false) or not coalesce(f.account_enabled, true) or coalesce(f.is_absent, false)
),
last_seen as (
    -- Only where it can contradict: HR says ended, and the account is on.
    select u.review_month, u.person_key, max(u.day) as day
    from (
        select r.review_month, r.person_key, {{ last_day('r.period', 'r.days') }} as day
        from {{ ref('int_use_cell') }} as r
        inner join {{ ref('int_month') }} as m on m.review_month = r.review_month and r.period <= m.as_of
        union all
        select review_month, person_key, last_accessed from {{ ref('int_usage_report') }}
    ) as u
    inner join ghost as g on g.review_month = u.review_month and g.person_key = u.person_key and g.hr_is_ended
        and g.account_enabled
    group by u.review_month, u.person_key
)
select
    g.review_month,
    g.person_key,
    case when g.hr_is_ended then 'left' when not g.account_enabled then 'disabled' else 'absent' end as reason,
    g.left_on,
    case
        when g.hr_is_ended and (not coalesce(g.account_enabled, true) or coalesce(g.is_absent, false)) then 'high'
        when not coalesce(g.hr_is_ended, false) and coalesce(g.is_unknown_to_hr, false) then 'high'
        when l.day > {{ add_days('g.left_on', 1) }} then 'low'
        else 'medium'
    end as confidence,
    case when l.day > {{ add_days('g.left_on', 1) }} then l.day end as used_after_leaving,
    g.hr_src,
    g.directory_src
from ghost as g
left join last_seen as l using (review_month, person_key)
