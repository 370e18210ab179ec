-- Grain: person whose rows of telemetry the rules on devices look at one by one: more devices than the least number
-- allowed before the cutoff (LRT-04), or several devices under several addresses or hashes (LRT-05: pairs of sessions
-- under one of them are in session_pair; is_named_twice).
with allowed as (
    select review_month,
        min(case when parameter = 'devices' then cast(value as double) end) as devices,
        max(case when parameter = 'days' then cast(value as double) end) as days
    from {{ ref('int_parameter') }}
    where rule_id = 'LRT-04' and parameter in ('devices', 'days')
    group by review_month
),
told as (
    select
        a.review_month, c.said, coalesce(s.person_key, c.said) as person_key, c.device,
        (c.days & {{ days_within('c.period', add_days('k.cutoff', '1 - ceil(x.days)'), 'k.cutoff') }}) <> 0
            as is_recent,
        x.devices
    from {{ source('raw', 'device_cell') }} as c
    inner join {{ drops_seen() }} as a on a.drop = c._drop and {{ is_unbeaten('c._until', 'a') }}
    inner join {{ ref('int_month') }} as m on m.review_month = a.review_month and c.period > m.window_start
        and c.period <= m.as_of
    inner join {{ ref('int_clock') }} as k on k.review_month = a.review_month
    inner join allowed as x on x.review_month = a.review_month
    left join {{ ref('int_person_alias') }} as s on s.review_month = a.review_month and s.said = c.said
    where c.said is not null
)
select review_month, person_key, min(said) <> max(said) and min(device) <> max(device) as is_named_twice
from told
group by review_month, person_key
having min(said) <> max(said) and min(device) <> max(device)
    or count(distinct case when is_recent then device end) > max(devices)
