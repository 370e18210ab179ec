-- LRT-14: an AI feature that a person activated, where LRT-03 does not say so. Grain: (required offering, person);
-- scope = feature.
select
    {{ finding(
        'LRT-14', observed='count(distinct l.day)', threshold='0', review_month='l.review_month',
            offering='f.required_offering_key', person='l.person_key',
        scope='l.feature', severity="'info'", recommended_action="'review'", evidence=evidence('l.src'),
            evidence_count='count(*)',
        detail="'The AI feature ' || " ~ readable_name("l.feature") ~ " || ' was used on ' || "
            ~ counted("count(distinct l.day)", "day") ~ " || ', first on ' || min(l.day) || ', last on ' || max(l.day)
            || '.'"
    ) }}
from {{ ref('int_lrt_event') }} as l
inner join {{ source('reference', 'feature_requirements') }} as f
    on f.review_month = l.review_month and f.feature = l.feature and f.kind = 'ai' and f.valid_from <= l.day
        and l.day <= f.valid_to
where not exists (
        select 1 from {{ ref('lrt_03_feature_without_right') }} as x
        where x.review_month = l.review_month and x.offering_key = f.required_offering_key
            and x.person_key = l.person_key and x.scope = l.feature)
group by l.review_month, f.required_offering_key, l.person_key, l.feature
