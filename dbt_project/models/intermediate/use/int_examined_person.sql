-- Grain: person whose rows of use are looked at one by one: used later than the day after leaving (IDN-02), of a
-- product to which the right is in doubt, or of a member that a collection had for a part of a period only.
select u.review_month, u.person_key
from {{ ref('int_use_cell') }} as u
inner join {{ ref('int_month') }} as m on m.review_month = u.review_month
inner join {{ ref('int_person') }} as p on p.review_month = u.review_month and p.person_key = u.person_key
where p.hr_is_ended and u.period > m.window_start and u.period <= m.as_of
    and {{ last_day('u.period', 'u.days') }} > {{ add_days('p.leave_date', 1) }}
union
select review_month, person_key from {{ ref('int_doubtful_pair') }}
union
select review_month, person_key from {{ ref('int_member_use') }} where not is_whole
