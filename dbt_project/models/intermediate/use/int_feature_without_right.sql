-- Grain: (required offering, person, feature): use in the window of a feature whose required offering the person does
-- not hold at as_of, on days without a token charge. right_not_known: a collection that the person holds may give the
-- right.
select
    l.review_month, f.required_offering_key, l.person_key, l.feature,
    bool_or(n.person_key is not null) as right_not_known,
    count(distinct l.day) as days, max(l.day) as last_day,
    {{ evidence('l.src') }} as evidence,
    count(*) as evidence_rows
from {{ ref('int_lrt_event') }} as l
inner join {{ source('reference', 'feature_requirements') }} as f
    on f.review_month = l.review_month and f.feature = l.feature and f.valid_from <= l.day and l.day <= f.valid_to
left join {{ ref('int_right_not_known') }} as n
    on n.review_month = l.review_month and n.person_key = l.person_key and n.offering_key = f.required_offering_key
where not l.is_excluded
    and not exists (
        select 1 from {{ ref('int_holding') }} as h
        where h.review_month = l.review_month and h.person_key = l.person_key
            and h.offering_key = f.required_offering_key)
    and not exists (
        select 1 from {{ ref('int_token_charge') }} as t
        where t.review_month = l.review_month and t.person_key = l.person_key and t.day = l.day
            and (t.offering_key = f.required_offering_key or t.feature = l.feature))
group by l.review_month, f.required_offering_key, l.person_key, l.feature
