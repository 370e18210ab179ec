-- Grain: (pool with a term, day up to as_of): tokens, also of the days before the term. What the forecast learns from.
select t.review_month, t.team_alias, u.day, cast(sum(u.tokens) as {{ total_type() }}) as tokens
from {{ ref('int_flex_term') }} as t
inner join {{ ref('int_token_row') }} as u using (review_month, team_alias)
where t.term_start is not null and u.day <= t.as_of
group by t.review_month, t.team_alias, u.day
