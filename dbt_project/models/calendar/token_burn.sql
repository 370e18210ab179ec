-- Grain: (review_month, pool, offering, feature, person, day): tokens of the review month. is_ai: feature_requirements
-- calls the feature one of kind ai on that day.
select
    u.review_month, u.team_alias, u.offering_key, coalesce(u.feature, '') as feature,
        coalesce(u.person_key, '') as person_key, u.day,
    cast(sum(u.tokens) as {{ total_type() }}) as tokens, count(*) as usage_rows, bool_or(f.feature is not null) as is_ai
from {{ ref('int_token_row') }} as u
inner join {{ ref('int_month') }} as m using (review_month)
left join (
    select distinct review_month, feature, valid_from, valid_to
    from {{ source('reference', 'feature_requirements') }}
    where kind = 'ai'
) as f on f.review_month = u.review_month and f.feature = u.feature and f.valid_from <= u.day and u.day <= f.valid_to
where u.day >= m.month_start and u.day <= m.as_of
group by u.review_month, u.team_alias, u.offering_key, coalesce(u.feature, ''), coalesce(u.person_key, ''), u.day
