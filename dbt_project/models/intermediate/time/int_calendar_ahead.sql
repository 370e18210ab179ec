-- Grain: (activity, period, contract, subject): what comes in the twelve months after the review month, as it is known
-- now: reviews, renewals and the days that count before them, packs that end, waivers that run out.
with month as (
    select m.review_month, m.as_of, {{ add_months('m.month_start', 'k.number') }} as month_start
    from {{ ref('int_month') }} as m
    cross join (
        values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)
    ) as k (number)
),
ahead as (
    select m.review_month, m.as_of, m.month_start, {{ month_text('m.month_start') }} as period from month as m
),
activity as (
    {{ review_activities() }}
),
coming as (
    select h.review_month, a.activity, a.output, h.period, '' as contract_number, '' as subject,
        case a.frequency when 'monthly' then {{ monthly_due_on('h.month_start') }}
            else {{ quarterly_due_on('h.month_start') }} end as due_on
    from ahead as h
    cross join activity as a
    where a.frequency = 'monthly' or (a.frequency = 'quarterly' and {{ ends_quarter('h.period') }})
    union all
    select h.review_month, a.activity, a.output, h.period, c.contract_number, '', {{ renewal_due_on('c.renewal_date') }}
    from ahead as h
    inner join {{ source('reference', 'contracts') }} as c using (review_month)
    cross join activity as a
    where a.frequency = 'pre_renewal' and c.renewal_date is not null
        and h.period = case a.output when 'audit_readiness' then {{ readiness_period('c.renewal_date') }}
            else {{ brief_period('c.renewal_date') }} end
    union all
    select h.review_month, n.activity, null, h.period, c.contract_number, '',
        {{ add_days('c.renewal_date', '-n.days') }}
    from ahead as h
    inner join {{ source('reference', 'contracts') }} as c using (review_month)
    cross join (
        values ('renewal_in_120_days', 120), ('renewal_in_90_days', 90), ('renewal', 0)
    ) as n (activity, days)
    where c.renewal_date is not null and {{ month_text(add_days('c.renewal_date', '-n.days')) }} = h.period
    union all
    select h.review_month, 'pack_ends', null, h.period, '', p.team_alias || ' ' || p.pack_id, max(p.end_date)
    from ahead as h
    inner join {{ ref('int_flex_pack') }} as p on p.review_month = h.review_month
        and {{ month_text('p.end_date') }} = h.period
    group by h.review_month, h.period, p.team_alias, p.pack_id
    union all
    select h.review_month, 'waiver_ends', null, h.period, '', d.finding_id, d.valid_until
    from ahead as h
    inner join {{ ref('int_disposition') }} as d on d.review_month = h.review_month and d.is_waived
        and {{ month_text('d.valid_until') }} = h.period
)
select review_month, activity, output, period, contract_number, subject, due_on from coming
