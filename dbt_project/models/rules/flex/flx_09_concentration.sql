-- FLX-09: one person uses a large share of a pool's tokens of the month. Grain: (pool, person).
with person as (
    select u.review_month, u.team_alias, u.person_key, sum(u.tokens) as tokens, {{ evidence_and_count('u.src') }}
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    where u.tokens > 0 and u.day >= m.month_start and u.day <= m.as_of
    group by u.review_month, u.team_alias, u.person_key
),
pool as (
    select review_month, team_alias, sum(tokens) as tokens, count(person_key) as persons
        from person group by review_month, team_alias
),
found as (
    select
        p.review_month, p.team_alias, p.person_key,
        cast(p.tokens as double) / nullif(cast(o.tokens as double), 0) as observed,
        {{ param('FLX-09', 'share', 'p') }} as threshold, 'info' as severity, 'review' as recommended_action,
        p.evidence, p.evidence_count,
        {{ plain_number('p.tokens') }} || ' of the ' || {{ plain_number('o.tokens') }}
            || ' tokens of the month were used by one person.' as detail
    from person as p
    inner join pool as o using (review_month, team_alias)
    where p.person_key is not null and o.persons >= {{ param('FLX-09', 'min_persons', 'p') }}
        and p.tokens > {{ param_decimal('FLX-09', 'share', 'p') }} * o.tokens
)
select {{ finding('FLX-09', ['team_alias', 'person_key', 'evidence_count']) }}
from found
