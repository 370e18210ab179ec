-- LRT-02: a version older than the oldest eligible one that day (advisory). Grain: (offering, person); scope = version.
-- Of several limits the least is shown.
select
    {{ finding(
        'LRT-02', observed='max(l.release)', threshold='min(v.oldest_eligible)',
            excess='min(v.oldest_eligible) - max(l.release)', review_month='l.review_month',
        offering='l.offering_key', person='l.person_key', scope=trimmed('l.version'), severity="'low'",
            recommended_action="'upgrade'",
        evidence=evidence('l.src'), evidence_count='count(*)',
        detail="'Version ' || " ~ trimmed('l.version') ~ " || ' is older than the oldest eligible one, '
            || min(v.oldest_eligible)
            || '.'"
    ) }}
from {{ ref('int_lrt_event') }} as l
inner join {{ source('reference', 'version_support') }} as v
    on v.review_month = l.review_month and v.offering_key = l.offering_key and v.valid_from <= l.day
        and l.day <= v.valid_to
where l.release < v.oldest_eligible
group by l.review_month, l.offering_key, l.person_key, {{ trimmed('l.version') }}
