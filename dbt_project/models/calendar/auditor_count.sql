-- Grain: (review_month, team, offering): the auditor's count, the lines that leave it, the defensible count, and what
-- each gap costs.
select
    c.review_month, c.team_alias, c.offering_key, c.auditor_count, c.flex_covered, c.perpetual_covered,
        c.contractor_own_cover, c.defensible_count,
    c.ghost, c.duplicate, c.inactive, c.after_remediation_count, c.entitled, c.gap_auditor, c.gap_defensible,
        c.gap_after, c.cross_team_surplus,
    {{ money(['case when c.gap_auditor is not null then greatest(0, c.gap_auditor) end',
        'c.list_price']) }} as money_auditor_list,
    {{ money(['case when c.gap_auditor is not null then greatest(0, c.gap_auditor) end',
        'c.contract_price']) }} as money_auditor_contract,
    {{ money(['case when c.gap_defensible is not null then greatest(0, c.gap_defensible) end',
        'c.list_price']) }} as money_defensible_list,
    {{ money(['case when c.gap_defensible is not null then greatest(0, c.gap_defensible) end',
        'c.contract_price']) }} as money_defensible_contract,
    {{ money(['case when c.gap_after is not null then greatest(0, c.gap_after) end',
        'c.list_price']) }} as money_after_list,
    {{ money(['case when c.gap_after is not null then greatest(0, c.gap_after) end',
        'c.contract_price']) }} as money_after_contract,
    c.list_currency, c.contract_currency, c.coverage_not_known, c.assessability
from {{ ref('int_auditor_count') }} as c
