-- Grain: (review_month, person): who is met in seats, users, groups or use, with what directory, HR and contractor
-- register say.
select
    p.review_month, {{ month_begin('p.review_month') }} as month_start,
    p.person_key, p.is_hash, p.email, p.display_name, p.domain, p.domain_kind, p.match_grade,
        p.account_enabled,
    p.hr_status, p.leave_date, p.worker_type, p.department, p.legal_entity, p.cost_centre, p.country, p.is_contractor,
        p.contractor_end,
    g.reason as ghost_reason
from {{ ref('int_person') }} as p
left join {{ ref('int_ghost') }} as g using (review_month, person_key)
