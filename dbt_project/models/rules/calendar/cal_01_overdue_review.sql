-- CAL-01: a review whose due date had passed by as_of without a sign-off, whether it was produced or not. Grain:
-- (activity, period), or (activity, period, contract). Reviews begin with the first month that has a drop. Sign-offs
-- count as of as_of, so that the finding does not depend on the day of the run.
with late as (
    select r.review_month, r.as_of, r.due_on, r.src, {{ days_between('r.as_of', 'r.due_on') }} as days_late,
        concat_ws(' ', r.activity, r.period, r.contract_number) as scope
    from {{ ref('int_review_due') }} as r
    where not exists (
        select 1 from {{ source('reference', 'signed_review') }} as s
        where s.review_month = r.review_month and s.activity in (r.activity, r.output)
            and s.period in (r.period, r.last_period))
),
found as (
    select
        l.review_month, l.scope,
        l.days_late as observed, 0 as threshold,
        case when l.days_late > {{ param('CAL-01', 'high_days', 'l') }} then 'high' else 'medium' end as severity,
        'sign_off' as recommended_action,
        case when l.src is null then {{ no_evidence() }} else {{ evidence_of('l.src') }} end as evidence,
        'The review was due on ' || l.due_on || ' and nobody had signed it by ' || l.as_of || '.' as detail
    from late as l
)
select {{ finding('CAL-01', ['scope']) }}
from found
