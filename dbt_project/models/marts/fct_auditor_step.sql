-- Grain: (review_month, team, offering, step): the way from the auditor's count to the count after the clean-up in
-- steps that add up, long, as the waterfalls of BI tools want it. The texts of the steps sort in their order.
with step as (
    select t.step from (
        values
            ('1 auditor'), ('2 tokens'), ('3 perpetual'), ('4 contractor'), ('5 ghosts'), ('6 duplicates'),
                ('7 inactive')
    ) as t (step)
)
select
    c.review_month, {{ month_begin('c.review_month') }} as month_start,
    c.team_alias, c.offering_key, s.step,
    case substr(s.step, 1, 1)
        when '1' then c.auditor_count
        when '2' then -c.flex_covered
        when '3' then -c.perpetual_covered
        when '4' then -c.contractor_own_cover
        when '5' then -c.ghost
        when '6' then -c.duplicate
        when '7' then -c.inactive
    end as persons
from {{ ref('int_auditor_count') }} as c cross join step as s
