-- Grain: (rule, part, person): about whom a rule does not conclude, because a row of the input from which it would be
-- missing was rejected, and it is about the person.
select distinct r.review_month, b.rule_id, coalesce(b.part, '') as part, r.person_key
from {{ source('reference', 'rule_absences') }} as b
inner join {{ ref('int_rejected_person') }} as r
    on r.input = b.input and r.months_back = case b.at when 'prev' then 1 when 'prev3' then 3 else 0 end
