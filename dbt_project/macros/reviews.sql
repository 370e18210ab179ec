{# The reviews of the compliance calendar: what each produces, how often, what it needs, and when it is due. Source:
   definition of this project, docs/foundations.md. `pipelines/reviews/activities.py` has the same terms; a test holds
   them equal. #}

{# Rows (activity, output, frequency, inputs): inputs joined by `;`. #}
{% macro review_activities() -%}
select * from (
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
{%- endmacro %}

{# The day by which the reviews of a month are signed off. month_start: its first day. #}
{% macro monthly_due_on(month_start) -%}{{ add_days(add_months(month_start, 1), 9) }}{%- endmacro %}
{% macro quarterly_due_on(month_start) -%}{{ add_days(add_months(month_start, 1), 14) }}{%- endmacro %}

{# Whether a month (YYYY-MM) ends a quarter. #}
{% macro ends_quarter(month) -%}substr({{ month }}, 6, 2) in ('03', '06', '09', '12'){%- endmacro %}

{# Both reviews before a renewal are due on one day. Readiness is made in the month of the day 120 days before it; the
   brief in the last month that ends before it is due, and once more in the month in which it is. #}
{% macro renewal_due_on(renewal_date) -%}{{ add_days(renewal_date, -90) }}{%- endmacro %}
{% macro readiness_period(renewal_date) -%}{{ month_text(add_days(renewal_date, -120)) }}{%- endmacro %}
{% macro brief_period(renewal_date) -%}
{{ month_text(add_months(month_start(add_days(renewal_date, -90)), -1)) }}
{%- endmacro %}
{% macro second_brief_period(renewal_date) -%}{{ month_text(add_days(renewal_date, -90)) }}{%- endmacro %}
