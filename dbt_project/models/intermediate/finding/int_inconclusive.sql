-- Grain: (rule, part, input): what a rule does not conclude in the month, because a row that is missing may stand in
-- the rest of an input that is not whole. part: '' is all that the rule says, else the part of it that rests on the
-- missing row. Members that a group lost are still concluded where fewer rows are the only sign: the finding asks then
-- (IDN-12).
select c.review_month, b.rule_id, coalesce(b.part, '') as part, c.input, c.months_back, c.reason
from {{ source('reference', 'rule_absences') }} as b
inner join {{ ref('int_input_complete') }} as c
    on c.input = b.input and c.months_back = case b.at when 'prev' then 1 when 'prev3' then 3
        else 0 end and not c.is_complete
where not (b.rule_id = 'IDN-12' and c.only_fewer_rows)
