-- LRT-02: a version older than the oldest eligible one that day (advisory). Grain: (offering, person); scope = version.
-- Of several limits the least is shown.
with found as (
    select
        l.review_month, l.offering_key, l.person_key, {{ trimmed('l.version') }} as scope,
        max(l.release) as observed, min(v.oldest_eligible) as threshold,
        min(v.oldest_eligible) - max(l.release) as excess, 'low' as severity,
        'upgrade' as recommended_action,
        {{ evidence_and_count('l.src') }},
        'Version ' || {{ trimmed('l.version') }} || ' is older than the oldest eligible one, ' || min(v.oldest_eligible)
            || '.' as detail
    from {{ ref('int_lrt_event') }} as l
    inner join {{ source('reference', 'version_support') }} as v
        on v.review_month = l.review_month and v.offering_key = l.offering_key and v.valid_from <= l.day
            and l.day <= v.valid_to
    where l.release < v.oldest_eligible
    group by l.review_month, l.offering_key, l.person_key, {{ trimmed('l.version') }}
)
select {{ finding('LRT-02', ['offering_key', 'person_key', 'scope', 'excess', 'evidence_count']) }}
from found
