-- Grain: (rule, input, months_back): the inputs that a rule stands on, of which drop (0 = drop(M), 1 = drop(M-1), 3 =
-- drop(M-3)), however the need is written. Reference tables left out.
select n.rule_id, a.input, 0 as months_back
from {{ source('reference', 'rule_needs') }} as n
inner join (values
    ('A', 'usage_report'), ('A', 'users'), ('use', 'usage_report'), ('use', 'usage'), ('use', 'seat_usage'),
        ('use', 'token_usage'), ('use', 'lrt'),
    ('any_use', 'usage'), ('any_use', 'seat_usage'), ('any_use', 'token_usage'), ('any_use', 'lrt'),
        ('sign_in', 'directory_users'), ('status', 'users'), ('invited_at', 'hub_members')
) as a (place, input) on a.place = n.at
union
select n.rule_id, n.need, case n.at when 'prev' then 1 when 'prev3' then 3 else 0 end
from {{ source('reference', 'rule_needs') }} as n
where n.at in ('drop', 'any', 'prev', 'prev3')
union
select b.rule_id, b.input, case b.at when 'prev' then 1 when 'prev3' then 3 else 0 end
from {{ source('reference', 'rule_absences') }} as b
