-- LRT-14: an AI feature that a person activated, where LRT-03 does not say so. Grain: (required offering, person);
-- scope = feature.
with found as (
    select
        l.review_month, f.required_offering_key as offering_key, l.person_key, l.feature as scope,
        count(distinct l.day) as observed, 0 as threshold, 'info' as severity,
        'review' as recommended_action,
        {{ evidence_and_count('l.src') }},
        'The AI feature ' || {{ readable_name('l.feature') }} || ' was used on '
            || {{ counted('count(distinct l.day)', 'day') }} || ', first on ' || min(l.day) || ', last on '
            || max(l.day) || '.' as detail
    from {{ ref('int_lrt_event') }} as l
    inner join {{ source('reference', 'feature_requirements') }} as f
        on f.review_month = l.review_month and f.feature = l.feature and f.kind = 'ai' and f.valid_from <= l.day
            and l.day <= f.valid_to
    where not exists (
            select 1 from {{ ref('lrt_03_feature_without_right') }} as x
            where x.review_month = l.review_month and x.offering_key = f.required_offering_key
                and x.person_key = l.person_key and x.scope = l.feature)
    group by l.review_month, f.required_offering_key, l.person_key, l.feature
)
select {{ finding('LRT-14', ['offering_key', 'person_key', 'scope', 'evidence_count']) }}
from found
