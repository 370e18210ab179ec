-- IDN-02: use later than the day after the leave date, by somebody whose HR record is ended. Grain: (offering of the
-- row, person).
with found as (
    select
        u.review_month, u.offering_key, u.person_key,
        count(distinct u.day) as observed, 0 as threshold, 'critical' as severity,
        'investigate' as recommended_action,
        {{ evidence_and_count_with(evidence('u.src'), 'count(*)', 'max(p.hr_src)') }},
        'Left on ' || max(p.leave_date) || ' and was used on ' || {{ counted('count(distinct u.day)', 'day') }}
            || ' after that, last on ' || max(u.day) || '.' as detail
    from {{ ref('int_use_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join {{ ref('int_person') }} as p using (review_month, person_key)
    where
        p.hr_is_ended and p.leave_date is not null
        and u.day > {{ add_days('p.leave_date', 1) }}
        and u.day > m.window_start and u.day <= m.as_of
    group by u.review_month, u.offering_key, u.person_key
)
select {{ finding('IDN-02', ['offering_key', 'person_key', 'evidence_count']) }}
from found
