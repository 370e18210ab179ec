-- Grain: rule, parameter, offering ('' = every offering): the value in force at as_of. `<parameter>:<offering_key>`
-- overrides for one offering.
select
    p.review_month,
    p.rule_id,
    split_part(p.parameter, ':', 1) as parameter,
    -- An offering's key may hold a colon itself (unmapped:<text>).
    case when instr(p.parameter, ':') > 0 then substr(p.parameter, instr(p.parameter, ':') + 1)
        else '' end as offering_key,
    p.value
from {{ source('reference', 'rule_parameters') }} as p
inner join {{ ref('int_month') }} as m using (review_month)
where p.valid_from <= m.as_of and m.as_of <= p.valid_to
