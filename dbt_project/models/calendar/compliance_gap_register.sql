-- Grain: (review_month, finding): what an auditor would bring up, with the position behind it.
select
    f.*,
    p.entitled, p.assigned, p.gap_team, p.gap_org,
    case when f.rule_id = 'ENT-05' then cast(f.scope as date) end as cliff_date
from (
    select review_month, finding_id, rule_id, title, rule_version, team_alias, offering_key, person_key, scope,
        observed, threshold, excess, exposure_amount, currency,
        price_basis, exposure_amount_org, currency_org, severity, confidence, assessability, evidence, evidence_count,
            route, recommended_action, calendar_output,
        first_seen_month, months_open, status, detail, cure, seats_to_buy
    from {{ ref('findings') }}
    where rule_id in ('ENT-01', 'ENT-04', 'ENT-05', 'ENT-09', 'ENT-10', 'ENT-12', 'ENT-13', 'LRT-01', 'LRT-02',
        'LRT-03', 'LRT-07')
        and review_month in (select m.review_month from {{ ref('int_month') }} as m)
) as f
left join {{ ref('int_position') }} as p using (review_month, team_alias, offering_key)
