-- Grain: (review_month, activity, period, contract): what is due when, whether its inputs arrived, who signed it off.
-- The clock is passed in.
with clock as (
    select cast(max(case when key = 'today' then value end) as date) as today from {{ source('raw', 'run_info') }}
),
activity as (
    select t.* from (
        values
            ('user_activity_audit', 'deprovisioning_list', 'monthly', 'users;usage_report'),
            ('assignment_vs_entitlement', 'compliance_gap_register', 'monthly', 'subscriptions;usage_report'),
            ('flex_token_consumption', 'token_forecast', 'monthly', 'token_usage;flex_packs'),
            ('usage_right_sizing', 'reallocation_candidates', 'monthly', 'usage_report;usage'),
            ('sso_group_mapping', 'provisioning_rules_update', 'quarterly', 'groups;sso_config;hr_workers'),
            ('admin_privilege', 'admin_roster_reconciliation', 'quarterly', 'users;directory_users'),
            ('lrt_pre_audit', 'audit_readiness', 'pre_renewal', 'lrt;usage_report;subscriptions'),
            ('entitlement_vs_billing', 'renewal_brief', 'pre_renewal', 'subscriptions;invoices')
    ) as t (activity, output, frequency, inputs)
),
due as (
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month as period, '' as contract_number,
        {{ add_days(add_months('m.month_start', 1), 9) }} as due_on, true as due
    from {{ ref('int_month') }} as m cross join activity as a where a.frequency = 'monthly'
    union all
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month, '',
        {{ add_days(add_months('m.month_start', 1), 14) }}, substr(m.review_month, 6, 2) in ('03', '06', '09', '12')
    from {{ ref('int_month') }} as m cross join activity as a where a.frequency = 'quarterly'
    union all
    select d.review_month, a.activity, a.output, a.inputs, {{ drop_month('d.review_month') }}, d.contract_number,
        d.due_on, true
    from {{ ref('int_due_contract') }} as d inner join activity as a on a.output = d.activity
    union all
    select m.review_month, a.activity, a.output, a.inputs, m.drop_month, '', cast(null as date), false
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
        and strpos(';' || d.inputs || ';', ';' || i.input || ';') > 0
    group by d.review_month, d.activity, d.contract_number
),
signed as (
    select review_month, activity, period, max_by("by", "at") as signed_off_by, max("at") as signed_off_at
    from {{ source('reference', 'sign_offs') }}
    group by review_month, activity, period
)
select
    d.review_month, d.activity, d.output, d.period, d.contract_number, d.due, d.due_on,
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
inner join {{ ref('int_month') }} as m on m.review_month = d.review_month
cross join clock as c
left join input_state as i on i.review_month = d.review_month and i.activity = d.activity
    and i.contract_number = d.contract_number
left join signed as s on s.review_month = d.review_month and s.activity in (d.activity, d.output)
    and s.period = d.period
