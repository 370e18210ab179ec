-- LRT-03: a feature whose required offering the person does not hold at as_of, on days without a token charge. Persons
-- whose right is not known are left out (int_excluded_subject). Grain: (required offering, person); scope = feature.
with found as (
    select
        f.review_month, f.required_offering_key as offering_key, f.person_key, f.feature as scope,
        f.days as observed, 0 as threshold, 'high' as severity,
        'buy_or_stop' as recommended_action, f.evidence, f.evidence_rows as evidence_count,
        'The feature ' || {{ readable_name('f.feature') }} || ' was used on ' || {{ counted('f.days', 'day') }}
            || ', last on ' || f.last_day || ', without ' || {{ readable_name('f.required_offering_key') }}
            || ' and without tokens.' as detail
    from {{ ref('int_feature_without_right') }} as f
    where not f.right_not_known and {{ concluded_of('LRT-03', 'f') }}
)
select {{ finding('LRT-03', ['offering_key', 'person_key', 'scope', 'evidence_count']) }}
from found
