-- Grain: (review_month, finding): the decision that counts in the month. October is reviewed in November: a decision
-- counts from the month that it judges on (empty: the month of decided_at); of several the one decided last. A waiver
-- without an end or a reason is none.
with counted as (
    select m.review_month, m.drop_month, m.as_of, d.finding_id, d.decision, d.decided_at, d.until as valid_until,
        d.by as decided_by, d.reason, coalesce(d.judged_month, {{ month_text('d.decided_at') }}) as judged_month,
        row_number() over (partition by m.review_month, d.finding_id order by d.decided_at desc, d._src desc) as place
    from {{ source('reference', 'dispositions') }} as d
    inner join {{ ref('int_month') }} as m on m.review_month = d.review_month
    where coalesce(d.judged_month, {{ month_text('d.decided_at') }}) <= m.drop_month
        and (d.decision <> 'waived' or (d.until is not null and {{ trimmed("coalesce(d.reason, '')") }} <> ''))
)
select
    review_month, finding_id, decision, decided_at, valid_until, decided_by, reason, judged_month,
    decision = 'waived' and valid_until >= as_of as is_waived,
    -- What it makes of an action that the month still shows; null where it makes nothing of it: a waiver that ended.
    case
        when decision = 'accepted' then 'refused'
        when decision = 'waived' and valid_until >= as_of then 'refused'
        when decision = 'false_positive' then 'lapsed'
        when decision = 'remediated' and judged_month = drop_month then 'decided'
        when decision = 'remediated' then 'in_work'
    end as action_state
from counted
where place = 1
