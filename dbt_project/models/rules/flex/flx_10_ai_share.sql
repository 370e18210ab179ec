-- FLX-10: features of kind ai take a large share of a pool's tokens of the month. Grain: pool.
with charge as (
    select u.review_month, u.team_alias, u.tokens, u.src, f.feature is not null as is_ai
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    left join {{ source('reference', 'feature_requirements') }} as f
        on f.review_month = u.review_month and f.feature = u.feature and f.kind = 'ai' and f.valid_from <= u.day
            and u.day <= f.valid_to
    where u.day >= m.month_start and u.day <= m.as_of
),
pool as (
    select review_month, team_alias, sum(tokens) as tokens,
        coalesce(sum(case when is_ai then tokens end), 0) as ai_tokens,
        {{ evidence_and_count('src', 'is_ai') }}
    from charge
    group by review_month, team_alias
),
found as (
    select
        p.review_month, p.team_alias,
        cast(p.ai_tokens as double) / nullif(cast(p.tokens as double), 0) as observed,
        {{ param('FLX-10', 'share', 'p') }} as threshold, 'medium' as severity,
        'review' as recommended_action, p.evidence, p.evidence_count,
        {{ plain_number('p.ai_tokens') }} || ' of the ' || {{ plain_number('p.tokens') }}
            || ' tokens of the month were used by AI features.' as detail
    from pool as p
    where p.ai_tokens > {{ param_decimal('FLX-10', 'share', 'p') }} * p.tokens
)
select {{ finding('FLX-10', ['team_alias', 'evidence_count']) }}
from found
