-- Grain: (review_month, activity, period, contract, subject): what is due when, whether its inputs arrived, who signed
-- it off; and what comes in the twelve months after (is_ahead), which nobody waits for yet. The clock is passed in.
with clock as (
    select cast(max(case when key = 'today' then value end) as date) as today from {{ source('raw', 'run_info') }}
),
activity as (
    {{ review_activities() }}
),
due as (
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month as period, m.drop_month as first_period,
        '' as contract_number, {{ monthly_due_on('m.month_start') }} as due_on, true as due
    from {{ ref('int_month') }} as m cross join activity as a where a.frequency = 'monthly'
    union all
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month, m.drop_month, '',
        {{ quarterly_due_on('m.month_start') }}, {{ ends_quarter('m.review_month') }}
    from {{ ref('int_month') }} as m cross join activity as a where a.frequency = 'quarterly'
    union all
    select d.review_month, a.activity, a.output, a.inputs, {{ drop_month('d.review_month') }}, d.first_period,
        d.contract_number, d.due_on, true
    from {{ ref('int_due_contract') }} as d inner join activity as a on a.output = d.activity
    union all
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month, m.drop_month, '', cast(null as date), false
    from {{ ref('int_month') }} as m cross join activity as a
    where a.frequency = 'pre_renewal'
        and not exists (select 1 from {{ ref('int_due_contract') }} as d
            where d.review_month = m.review_month and d.activity = a.output)
),
input_state as (
    select d.review_month, d.activity, d.contract_number,
        {{ distinct_text("case when i.in_drop then i.input end") }} as inputs_present,
        {{ distinct_text("case when not i.in_drop then i.input end") }} as inputs_missing
    from due as d
    inner join {{ ref('int_input_present') }} as i on i.review_month = d.review_month
        and instr(';' || d.inputs || ';', ';' || i.input || ';') > 0
    group by d.review_month, d.activity, d.contract_number
),
-- The brief is made in two months (first_period and the one after it); a sign-off of either is one of the review.
signed as (
    select d.review_month, d.activity, d.contract_number, {{ greatest_by('s.by', 's.at', ties=true) }} as signed_off_by,
        max(s.at) as signed_off_at
    from due as d
    inner join {{ source('reference', 'sign_offs') }} as s on s.review_month = d.review_month
        and s.activity in (d.activity, d.output)
        and (s.period = d.period or (d.contract_number <> '' and d.output = 'renewal_brief' and s.period in (
            d.first_period, {{ month_text(add_months("cast(d.first_period || '-01' as date)", 1)) }})))
    group by d.review_month, d.activity, d.contract_number
)
select
    d.review_month, d.activity, d.output, d.period, d.contract_number, '' as subject, false as is_ahead, d.due,
    d.due_on,
    nullif(i.inputs_present, '') as inputs_present, nullif(i.inputs_missing, '') as inputs_missing,
    m.as_of as produced_at,
    cast(1 as bigint) as publication_version,
    s.signed_off_by, s.signed_off_at,
    case
        when not d.due then 'not_due'
        when s.signed_off_at is not null then 'signed_off'
        when d.due_on < c.today then 'overdue'
        when coalesce(i.inputs_missing, '') <> '' then 'waiting'
        when m.has_drop then 'produced'
        else 'due'
    end as state
from due as d
inner join {{ ref('int_month') }} as m using (review_month)
cross join clock as c
left join input_state as i using (review_month, activity, contract_number)
left join signed as s using (review_month, activity, contract_number)
union all
select
    a.review_month, a.activity, a.output, a.period, a.contract_number, a.subject, true, false, a.due_on, null, null,
    null, null, null, null, 'not_due'
from {{ ref('int_calendar_ahead') }} as a
