-- Grain: (review_month, rule): could the rule run, on how many subjects, with how many findings.
select
    a.review_month,
    a.rule_id,
    k.title,
    a.assessability,
    a.reason,
    coalesce(s.subjects, 0) as subjects,
    case when a.assessability <> 'not_assessable' then coalesce(f.findings, 0) end as findings,
    k.rule_version
from {{ ref('int_assessability') }} as a
inner join {{ source('reference', 'rule_catalogue') }} as k using (rule_id)
left join {{ ref('int_subject_count') }} as s using (review_month, subject)
left join (select review_month, rule_id, count(*) as findings
    from {{ ref('int_finding') }} group by review_month, rule_id) as f
    on f.review_month = a.review_month and f.rule_id = a.rule_id
