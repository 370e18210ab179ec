-- LRT-03: a feature whose required offering the person does not hold at as_of, on days without a token charge. Persons
-- whose right is not known are left out (int_excluded_subject). Grain: (required offering, person); scope = feature.
select
    {{ finding(
        'LRT-03', observed='f.days', threshold='0', review_month='f.review_month',
        offering='f.required_offering_key', person='f.person_key', scope='f.feature', severity="'high'",
            recommended_action="'buy_or_stop'",
        evidence='f.evidence', evidence_count='f.evidence_rows',
        detail="'The feature ' || " ~ readable_name("f.feature") ~ " || ' was used on ' || " ~ counted("f.days", "day")
            ~ " || ', last on ' || f.last_day || ', without ' || " ~ readable_name("f.required_offering_key")
            ~ " || ' and without tokens.'"
    ) }}
from {{ ref('int_feature_without_right') }} as f
where not f.right_not_known and {{ concluded_of('LRT-03', 'f') }}
