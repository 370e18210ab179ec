-- Grain: (review_month, team): teams of seats and subscriptions; hides_personal_data where too many rows have no
-- e-mail.
select p.review_month, {{ month_begin('p.review_month') }} as month_start,
    p.team_alias, count(*) as offerings, {{ count_sum('p.assigned') }} as assigned,
    {{ count_sum('p.entitled') }} as entitled, max(case when h.team_alias is not null then 1 else 0
    end) = 1 as hides_personal_data
from {{ ref('int_position') }} as p
left join {{ ref('int_hidden_team') }} as h on h.review_month = p.review_month and h.team_alias = p.team_alias
group by p.review_month, p.team_alias
