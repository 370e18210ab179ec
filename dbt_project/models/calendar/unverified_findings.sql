-- Grain: (review_month, finding): findings of an earlier month that are not there, and are not closed: in every month
-- since they were last seen the rule was not assessed, or could not have seen that they are gone (int_unverifiable).
with month as (
    select review_month, {{ month_number('review_month') }} as month_number from {{ ref('int_month') }}
        where not {{ is_variant('review_month') }}
),
last_seen as (
    select m.review_month, m.month_number, f.finding_id, max(f.review_month) as last_seen_month
    from month as m
    inner join {{ ref('findings') }} as f on f.review_month <= m.review_month and not {{ is_variant('f.review_month') }}
    group by m.review_month, m.month_number, f.finding_id
),
gone as (
    select l.review_month, l.month_number, l.last_seen_month, f.* {{ all_but('review_month') }} -- noqa: RF02
    from last_seen as l
    inner join {{ ref('findings') }} as f on f.review_month = l.last_seen_month and f.finding_id = l.finding_id
    where l.last_seen_month < l.review_month
),
ran as (
    select review_month, rule_id, {{ month_number('review_month') }} as month_number
    from {{ ref('rule_runs') }}
    where assessability <> 'not_assessable' and not {{ is_variant('review_month') }}
),
closing as (
    select distinct g.review_month, g.finding_id
    from gone as g
    inner join ran as r on r.rule_id = g.rule_id and r.review_month > g.last_seen_month
        and r.month_number <= g.month_number
    where not exists (
        select 1 from {{ ref('int_unverifiable') }} as u
        where u.review_month = r.review_month and u.rule_id = r.rule_id
            and (u.person_key is null or u.person_key = g.person_key)
                and (u.domain is null or u.domain = split_part(g.person_key, '@', 2)))
),
doubt as (
    select u.review_month, u.rule_id, u.person_key, u.domain, {{ distinct_text('u.reason', '; ') }} as reason
    from {{ ref('int_unverifiable') }} as u
    group by u.review_month, u.rule_id, u.person_key, u.domain
)
select
    g.review_month, g.finding_id, g.rule_id, g.title, g.team_alias, g.offering_key, g.person_key, g.scope,
        g.last_seen_month, g.severity,
    coalesce(
        (
            select {{ distinct_text('d.reason', '; ') }} from doubt as d
            where d.review_month = g.review_month and d.rule_id = g.rule_id
                and (d.person_key is null or d.person_key = g.person_key)
                    and (d.domain is null or d.domain = split_part(g.person_key, '@', 2))
                and r.assessability <> 'not_assessable'),
        r.reason) as reason
from gone as g
left join closing as c on c.review_month = g.review_month and c.finding_id = g.finding_id
left join {{ ref('rule_runs') }} as r on r.review_month = g.review_month and r.rule_id = g.rule_id
where c.finding_id is null
