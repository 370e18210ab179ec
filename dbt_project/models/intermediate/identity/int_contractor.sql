-- Grain: person of the contractor register of drop(M). Null dates are open; of several entries the one with the latest
-- end counts; valid if any is at as_of.
select
    c.review_month,
    {{ person_key('c') }} as person_key,
    case when bool_or(c.end_date is null) then null else max(c.end_date) end as contractor_end,
    bool_or(coalesce(c.start_date, m.as_of) <= m.as_of
        and coalesce(c.end_date, m.as_of) >= m.as_of) as contractor_valid,
    -- The policy of the entry with the latest end, also if it has none; of equal ends the greater text, so that it is
    -- the same every time.
    nullif({{ greatest_by('coalesce(' ~ lower_case('c.device_policy') ~ ", '')",
        "coalesce(c.end_date, cast('9999-12-31' as date))", ties=true) }}, '') as device_policy,
    {{ evidence('c.src') }} as evidence,
    min(c.src) as src
from {{ ref('stg_outside__contractors') }} as c
inner join {{ ref('int_month') }} as m using (review_month)
{{ person_joins('c') }}
group by all
