-- Grain: (activity, period, contract): reviews of the months since the first drop that were due before as_of, whether
-- anything was made of the month or not. last_period: the other month in which the brief is made, else the period.
with first_month as (
    select {{ month_start("cast(min(f.drop) || '-01' as date)") }} as month_start
    from {{ source('raw', 'file_register') }} as f
    where f.drop <> 'reference' and f.verdict <> 'ignored'
),
day as (
    select m.review_month, m.as_of, {{ days_from_to('f.month_start', 'm.as_of') }} as day
    from {{ ref('int_month') }} as m cross join first_month as f
    where f.month_start <= m.as_of
),
month as (
    select d.review_month, d.as_of, {{ month_text('d.day') }} as period, d.day as month_start
    from day as d
    where d.day = {{ month_start('d.day') }}
),
review as (
    select m.review_month, m.as_of, a.activity, a.output, m.period, m.period as last_period,
        cast(null as string) as contract_number, cast(null as bigint) as src,
        case a.frequency when 'monthly' then {{ monthly_due_on('m.month_start') }}
            else {{ quarterly_due_on('m.month_start') }} end as due_on
    from month as m
    cross join ({{ review_activities() }}) as a
    where a.frequency = 'monthly' or (a.frequency = 'quarterly' and {{ ends_quarter('m.period') }})
    union all
    select m.review_month, m.as_of, a.activity, a.output,
        case a.output when 'audit_readiness' then {{ readiness_period('c.renewal_date') }}
            else {{ brief_period('c.renewal_date') }} end,
        case a.output when 'audit_readiness' then {{ readiness_period('c.renewal_date') }}
            else {{ second_brief_period('c.renewal_date') }} end,
        c.contract_number, c._src, {{ renewal_due_on('c.renewal_date') }}
    from {{ ref('int_month') }} as m
    inner join {{ source('reference', 'contracts') }} as c using (review_month)
    cross join ({{ review_activities() }}) as a
    where a.frequency = 'pre_renewal' and c.renewal_date is not null
)
select r.review_month, r.as_of, r.activity, r.output, r.period, r.last_period, r.contract_number, r.due_on, r.src
from review as r
inner join first_month as f on r.period >= {{ month_text('f.month_start') }}
where r.due_on < r.as_of
