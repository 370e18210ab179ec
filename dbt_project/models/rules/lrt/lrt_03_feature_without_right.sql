-- LRT-03: a feature whose required offering the person does not hold at as_of, on days without a token charge. Grain: (required offering, person); scope = feature.
select
    {{ finding(
        'LRT-03', observed='count(distinct l.day)', threshold='0', review_month='l.review_month',
        offering='f.required_offering_key', person='l.person_key', scope='l.feature', severity="'high'", recommended_action="'buy_or_stop'",
        evidence=evidence('l.src'), evidence_count='count(*)',
        detail="'The feature ' || " ~ spoken("l.feature") ~ " || ' was used on ' || " ~ counted("count(distinct l.day)", "day") ~ " || ' without ' || " ~ spoken("f.required_offering_key") ~ " || ' and without tokens.'"
    ) }}
from {{ ref('int_lrt_event') }} as l
inner join {{ source('reference', 'feature_requirements') }} as f
    on f.review_month = l.review_month and f.feature = l.feature and f.valid_from <= l.day and l.day <= f.valid_to
where l.in_window and not l.leave_out
    and not exists (
        select 1 from {{ ref('int_held') }} as h
        where h.review_month = l.review_month and h.person_key = l.person_key and h.offering_key = f.required_offering_key)
    and not exists (
        select 1 from {{ ref('int_token_charge') }} as t
        where t.review_month = l.review_month and t.person_key = l.person_key and t.day = l.day
            and (t.offering_key = f.required_offering_key or t.feature = l.feature))
group by l.review_month, f.required_offering_key, l.person_key, l.feature
