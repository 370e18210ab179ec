-- FLX-08: a day with far more tokens than the days before it. Grain: pool; scope = day. Of the 28 days before, those
-- with tokens count; MAD is not scaled.
with day as (
    -- Hundredths of a token as whole numbers: medians and limits are exact.
    select u.review_month, u.team_alias, u.day, cast(round(sum(u.tokens), 2) * 100 as double) as hundredths,
        {{ evidence_and_count('u.src') }}
    from {{ ref('int_token_row') }} as u
    inner join {{ ref('int_month') }} as m using (review_month)
    where u.day >= {{ add_days('m.month_start', -28) }} and u.day <= m.as_of
    group by u.review_month, u.team_alias, u.day
    having sum(u.tokens) > 0
),
pair as (
    select d.review_month, d.team_alias, d.day, d.hundredths, d.evidence, d.evidence_count, b.hundredths as before,
        median(b.hundredths) over (partition by d.review_month, d.team_alias, d.day) as middle
    from day as d
    inner join {{ ref('int_month') }} as m using (review_month)
    inner join day as b
        on b.review_month = d.review_month and b.team_alias = d.team_alias and b.day < d.day
            and b.day >= {{ add_days('d.day', -28) }}
    where d.day >= m.month_start
),
judged as (
    select p.review_month, p.team_alias, p.day, max(p.hundredths) as hundredths, count(*) as days_before,
        max(p.middle) as middle,
        median(abs(p.before - p.middle)) as mad, {{ least_by('p.evidence', 'p.before') }} as evidence,
            max(p.evidence_count) as evidence_count
    from pair as p
    group by p.review_month, p.team_alias, p.day
),
limited as (
    -- 1.15 x 100 is less than 115 in binary numbers: what is beyond eight decimals of a hundredth is their error.
    select j.*, round(greatest(
        j.middle + {{ param('FLX-08', 'factor', 'j') }} * j.mad,
        {{ param('FLX-08', 'min_ratio', 'j') }} * j.middle), 8) as day_limit
    from judged as j
    where j.days_before >= {{ param('FLX-08', 'min_days', 'j') }}
),
found as (
    select
        l.review_month, l.team_alias, l.day as scope,
        l.hundredths / 100 as observed, l.day_limit / 100 as threshold, (l.hundredths - l.day_limit) / 100 as excess,
        'medium' as severity, 'review' as recommended_action, l.evidence, l.evidence_count,
        {{ plain_number('l.hundredths / 100') }} || ' tokens on ' || l.day || '; the median of the ' || l.days_before
            || ' days with tokens before it is ' || {{ plain_number('l.middle / 100') }} || '.' as detail
    from limited as l
    where l.hundredths > l.day_limit
)
select {{ finding('FLX-08', ['team_alias', 'scope', 'excess', 'evidence_count']) }}
from found
