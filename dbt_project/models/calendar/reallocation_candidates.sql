-- Grain: (review_month, finding): seats and tokens that would serve better elsewhere or as something else.
select
    f.review_month, f.finding_id, f.rule_id, f.title, f.rule_version, f.team_alias, f.offering_key, f.person_key,
        f.scope, f.observed, f.threshold, f.excess,
    f.exposure_amount, f.currency, f.price_basis, f.exposure_amount_org, f.currency_org, f.severity, f.confidence,
        f.assessability, f.evidence, f.evidence_count,
    f.route, f.recommended_action, f.calendar_output, f.first_seen_month, f.months_open, f.status,
    case f.rule_id
        when 'USE-03' then 'to_flex' when 'USE-04' then 'to_seat' when 'USE-05' then 'to_collection'
            when 'USE-06' then 'to_single'
        when 'USE-10' then 'give_seat' else 'unassign'
    end as recommendation,
    f.days_12m,
    coalesce(f.months_observed, c.months_observed) as months_observed,
    f.amount_now as cost_now, f.amount_alternative as cost_alternative,
    f.amount_now - f.amount_alternative as saving,
    f.break_even_days_year, f.receiver_person_key, f.detail as reason
from {{ ref('findings') }} as f
inner join {{ ref('int_clock') }} as c using (review_month)
where f.rule_id in ('ENT-02', 'USE-03', 'USE-04', 'USE-05', 'USE-06', 'USE-07', 'USE-08', 'USE-10')
